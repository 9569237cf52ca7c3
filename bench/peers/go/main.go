// SPDX-License-Identifier: MIT

// FIGURE COUNT: figures 3 to 7 of the paper on goroutines; and figure 14; 11 COUNT GOROUTINES: figure 11.
package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

func check(holds bool, what string) {
	if !holds {
		fmt.Fprintln(os.Stderr, "wrong result:", what)
		os.Exit(1)
	}
}

// ---- 3: main starts a goroutine that ends at once, and waits for what it gives

func createJoin(count int) {
	sum := 0
	for i := 0; i < count; i++ {
		result := make(chan int, 1)
		go func(value int) { result <- value }(i)
		sum += <-result
	}
	check(sum == count*(count-1)/2, "a goroutine has given what another one should")
}

// ---- 4: two goroutines signal each other, with a mutex and a condition

func signal(count int) {
	var mutex sync.Mutex
	condition := sync.NewCond(&mutex)
	turn, taken, each := 0, 0, (count+1)/2
	var all sync.WaitGroup
	all.Add(2)
	for me := 0; me < 2; me++ {
		go func(me int) {
			mutex.Lock()
			for i := 0; i < each; i++ {
				for turn != me {
					condition.Wait()
				}
				turn = 1 - me
				taken++
				condition.Signal()
			}
			mutex.Unlock()
			all.Done()
		}(me)
	}
	all.Wait()
	check(taken == 2*each, "a turn was lost, or taken twice")
}

// ---- 5: a barrier of 32 goroutines. Go has none: one of a mutex and a condition

const members = 32

type barrier struct {
	mutex    sync.Mutex
	allHere  *sync.Cond
	missing  int
	episodes int
}

func (b *barrier) reach() bool {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.missing--
	if b.missing == 0 {
		b.missing = members
		b.episodes++
		b.allHere.Broadcast()
		return true
	}
	for episode := b.episodes; b.episodes == episode; {
		b.allHere.Wait()
	}
	return false
}

func passBarrier(count int) {
	b := barrier{missing: members}
	b.allHere = sync.NewCond(&b.mutex)
	var come, lasts int64
	var all sync.WaitGroup
	all.Add(members)
	for m := 0; m < members; m++ {
		go func() {
			for i := 1; i <= count; i++ {
				atomic.AddInt64(&come, 1)
				if b.reach() {
					atomic.AddInt64(&lasts, 1)
				}
				check(atomic.LoadInt64(&come) >= int64(i*members), "the barrier has let one through early")
			}
			all.Done()
		}()
	}
	all.Wait()
	check(lasts == int64(count), "the barrier has called another number of goroutines the last")
}

// ---- 6, 7: Sun's ping-pong: pairs block and unblock each other

type side struct {
	mutex     sync.Mutex
	condition *sync.Cond
	hasBall   bool
}

func newSide() *side {
	s := &side{}
	s.condition = sync.NewCond(&s.mutex)
	return s
}

func (s *side) give() {
	s.mutex.Lock()
	check(!s.hasBall, "a side was given two balls")
	s.hasBall = true
	s.condition.Signal()
	s.mutex.Unlock()
}

func (s *side) take() {
	s.mutex.Lock()
	for !s.hasBall {
		s.condition.Wait()
	}
	s.hasBall = false
	s.mutex.Unlock()
}

func play(games, count int) {
	each := (count + 2*games - 1) / (2 * games)
	var made int64
	var all sync.WaitGroup
	player := func(own, other *side) {
		for i := 0; i < each; i++ {
			own.take()
			other.give()
		}
		atomic.AddInt64(&made, int64(each))
		all.Done()
	}
	for g := 0; g < games; g++ {
		a, b := newSide(), newSide()
		all.Add(2)
		go player(a, b)
		go player(b, a)
		a.give()
	}
	all.Wait()
	check(made == int64(2*games*each), "a move was lost, or made twice")
}

// With new goroutines each time, as the others (bench/workloads/arguments.ts).
const sets = 20

func fourGames(count int) {
	for set := 0; set < sets; set++ {
		play(4, (count+sets-1)/sets)
	}
}

// ---- 11: goroutines that give way to each other, on one processor

func giveWay(count, goroutines int) {
	runtime.GOMAXPROCS(1)
	rounds := (count + goroutines - 1) / goroutines
	turns, over := 0, false
	var all sync.WaitGroup
	all.Add(goroutines)
	for g := 0; g < goroutines; g++ {
		go func() {
			for !over {
				turns++
				runtime.Gosched()
			}
			all.Done()
		}()
	}
	pass := func(number int) {
		for i := 0; i < number; i++ {
			runtime.Gosched()
		}
	}
	pass(1 + 100000/goroutines)
	turns = 0
	start := time.Now()
	pass(rounds)
	taken := time.Since(start)
	made := turns
	over = true
	all.Wait()
	// Its queue is not quite first in, first out: what was made is what counts.
	check(made > 0, "nobody has had a turn")
	fmt.Printf("{\"figure\":11,\"row\":\"go\",\"count\":%d,\"nanoseconds\":%d,\"threads\":%d}\n", made+rounds, taken.Nanoseconds(), goroutines)
}

// ---- 14: the memory of goroutines that wait

// Bytes that nobody in the machine uses; as bench/workloads/free-memory.ts.
func freeMemory() int {
	debug.FreeOSMemory()
	text, err := os.ReadFile("/proc/meminfo")
	check(err == nil, "/proc/meminfo can be read")
	kibibytes := 0
	for _, line := range strings.Split(string(text), "\n") {
		fmt.Sscanf(line, "MemFree: %d kB", &kibibytes)
	}
	return 1024 * kibibytes
}

func waitTogether(count int) {
	over := make(chan int)
	var come, all sync.WaitGroup
	come.Add(count)
	all.Add(count)
	before := freeMemory()
	start := time.Now()
	for i := 0; i < count; i++ {
		go func() {
			come.Done()
			<-over
			all.Done()
		}()
	}
	come.Wait()
	taken := time.Since(start)
	bytes := before - freeMemory()
	close(over)
	all.Wait()
	fmt.Printf("{\"figure\":14,\"row\":\"go\",\"count\":%d,\"nanoseconds\":%d,\"bytes\":%d}\n", count, taken.Nanoseconds(), bytes)
}

var workloads = map[int]func(int){
	3: createJoin,
	4: signal,
	5: passBarrier,
	6: func(count int) { play(1, count) },
	7: fourGames,
}

func main() {
	if len(os.Args) == 4 && os.Args[1] == "11" {
		count, _ := strconv.Atoi(os.Args[2])
		goroutines, _ := strconv.Atoi(os.Args[3])
		check(count > 0 && goroutines > 0, "COUNT and GOROUTINES must be whole numbers from 1 on")
		giveWay(count, goroutines)
		return
	}
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: go FIGURE COUNT, or go 11 COUNT GOROUTINES")
		os.Exit(2)
	}
	figure, _ := strconv.Atoi(os.Args[1])
	count, _ := strconv.Atoi(os.Args[2])
	if figure == 14 && count > 0 {
		waitTogether(count)
		return
	}
	run, found := workloads[figure]
	if !found || count < 1 {
		fmt.Fprintln(os.Stderr, "FIGURE must be from 3 to 7 or 14, COUNT a whole number from 1 on")
		os.Exit(3)
	}
	run((count + 9) / 10)
	start := time.Now()
	run(count)
	fmt.Printf("{\"figure\":%d,\"row\":\"go\",\"count\":%d,\"nanoseconds\":%d}\n", figure, count, time.Since(start).Nanoseconds())
}
