/* A run as text. */
#ifndef LIST_H
#define LIST_H

#include <stdbool.h>

/* Prints the run's operations, as comments of TAP. */
void list_print(void);

/* Reads what list_print() printed; lines of another form are passed over. */
bool list_read(const char *path);

#endif /* LIST_H */
