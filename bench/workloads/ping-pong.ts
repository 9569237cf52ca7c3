/**
 * Figures 6 and 7: Sun's ping-pong. In each game two threads block and unblock each other in turn; each waits at a mutex
 * and a condition of its own. An iteration is one move, of all games together.
 */

import { Condition, entry, Mutex, Thread, type Handle, type OpGenerator } from 'node-vpi/threads';
import { check, sets } from './arguments.ts';

class Side {
  readonly mutex: Mutex;
  readonly condition: Condition;
  /** `words[0]`: it has the ball. Shared between processors, as the others are. */
  readonly words: Int32Array<SharedArrayBuffer>;

  constructor(mutex = new Mutex(), condition = new Condition(), words = new Int32Array(new SharedArrayBuffer(4))) {
    this.mutex = mutex;
    this.condition = condition;
    this.words = words;
  }

  static from({ mutex, condition, words }: SharedSide): Side {
    return new Side(Mutex.from(mutex), Condition.from(condition), words);
  }

  shared(): SharedSide {
    return { mutex: this.mutex.shared(), condition: this.condition.shared(), words: this.words };
  }
}

interface SharedSide {
  mutex: Handle<'Mutex'>;
  condition: Handle<'Condition'>;
  words: Int32Array<SharedArrayBuffer>;
}

/** Takes the ball and gives it to the other one. */
function* player(own: Side, other: Side, moves: number): OpGenerator<number> {
  let done = 0;
  for (; done < moves; done++) {
    yield* own.mutex.lock();
    while (own.words[0] === 0) yield* own.condition.wait(own.mutex);
    own.words[0] = 0;
    own.mutex.unlock();

    yield* other.mutex.lock();
    check(other.words[0] === 0, 'a side was given two balls');
    other.words[0] = 1;
    other.condition.signal();
    other.mutex.unlock();
  }
  return done;
}

/** Two sides, of which the first has the ball. */
function twoSides(): [Side, Side] {
  const sides: [Side, Side] = [new Side(), new Side()];
  sides[0].words[0] = 1;
  return sides;
}

export function playerElsewhere(own: SharedSide, other: SharedSide, moves: number): OpGenerator<number> {
  return player(Side.from(own), Side.from(other), moves);
}

/** One game, on the processor of the thread that plays it. Gives the moves that were made. */
export function* game(moves: number): OpGenerator<number> {
  const [a, b] = twoSides();
  const threads = [Thread.create(player, a, b, Math.ceil(moves / 2)), Thread.create(player, b, a, Math.floor(moves / 2))];
  return (yield* threads[0]!.join()) + (yield* threads[1]!.join());
}

/** One game, with each of its threads on another processor. */
function* gameBetween(moves: number): OpGenerator<number> {
  const [a, b] = twoSides();
  const start = (processor: number, own: Side, other: Side, moves: number) => Thread.create(entry<typeof playerElsewhere>(import.meta.url, 'playerElsewhere', { processor }), own.shared(), other.shared(), moves);
  const threads = [start(0, a, b, Math.ceil(moves / 2)), start(1, b, a, Math.floor(moves / 2))];
  const made = (yield* threads[0]!.join()) + (yield* threads[1]!.join());
  for (const side of [a, b]) for (const object of [side.mutex, side.condition]) object.free();
  return made;
}

export function* pingPong(count: number, processors: number): OpGenerator {
  const made = yield* processors === 1 ? game(count) : gameBetween(count);
  check(made === count, 'a move was lost, or made twice');
}

/** Four games at once, eight threads. A pair that plays is on one processor; the games are spread over them. */
export function* fourGames(count: number, processors: number): OpGenerator {
  for (let set = 0; set < sets; set++) yield* oneSet(Math.ceil(count / sets), processors);
}

function* oneSet(count: number, processors: number): OpGenerator {
  const each = Math.ceil(count / 4);
  const start = (index: number) => (processors === 1 ? Thread.create(game, each) : Thread.create(entry<typeof game>(import.meta.url, 'game', { processor: index % processors }), each));
  let made = 0;
  for (const thread of [0, 1, 2, 3].map(start)) made += yield* thread.join();
  check(made === 4 * each, 'a move was lost, or made twice');
}
