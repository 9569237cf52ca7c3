/* Makes the list of operations of a failed run shorter. */
#ifndef SHRINK_H
#define SHRINK_H

/*
 * Leaves away as many operations of the run as it still fails without. A race
 * does not show every time, so each list is tried @tries times. Stops after
 * @runs runs.
 */
void shrink(unsigned int tries, unsigned int runs);

#endif /* SHRINK_H */
