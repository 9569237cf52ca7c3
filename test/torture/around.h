/* What befalls a group from outside: stops, freezes, death. */
#ifndef AROUND_H
#define AROUND_H

#include "group.h"

struct child {
	pid_t pid;			/* 0: has ended */
	enum end end;
	unsigned long killed_after;	/* operations */
	struct progress *progress;
	char cgroup[64];		/* its directory, if there are cgroups */
};

/* Puts the group into a cgroup of its own, to be frozen. */
void around_enter(struct child *c, unsigned int number);
void around_leave(struct child *c);

void around_disturb(struct child *c, uint64_t *random);

#endif /* AROUND_H */
