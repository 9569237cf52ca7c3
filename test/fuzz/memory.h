/* The lane's word in the shared page. */
#ifndef MEMORY_H
#define MEMORY_H

#include "run.h"

/* Clears NOUPCALL, or sets it. Without the page the operation ends here. */
void upcalls(const struct lane *lane, bool on);

#endif /* MEMORY_H */
