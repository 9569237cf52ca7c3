/*
 * A group: a process with VPs. Workers sleep in many ways; managers carry the
 * events and resume whom they are told about; chaos sends signals, changes
 * affinities and masks, and resumes held workers itself. Now and then all is
 * brought to rest, and the oracle looks at the books.
 */
#ifndef GROUP_H
#define GROUP_H

#include "vpi_test.h"
#include "vpi_random.h"

#define MAX_WORKERS	10
#define MAX_MANAGERS	3

/* What nobody is spared, in the end. */
enum end { RETURNS, IS_KILLED, EXECUTES };

/* What the seed decides for the whole group. */
struct config {
	uint64_t seed;
	unsigned int workers, managers, target;
	bool masks;		/* VPs and chaos change masks */
	bool deaths;		/* signals end workers */
	bool signals;
	bool fetches;		/* workers, too, take events */
	enum end end;
	unsigned long operations;
	unsigned int rests;
	bool flaw;		/* managers resume before they look */
};

/* In memory that the supervisor shares. */
struct progress {
	unsigned long operations;
	unsigned long steps;		/* of coming to rest, and of the end */
};

struct worker {
	struct life *life;
	struct vpi_attach attach;
	struct vpi_vp_page *word;
	uint64_t random;
	pthread_t thread;
	pid_t tid;
	unsigned long left;		/* operations until it ends */
	uint32_t mask;
	uint32_t wants;			/* a byte in its pipe */
	uint32_t parked;		/* number of the rest that it takes part in */
	uint32_t attached, dead;
} __attribute__((aligned(128)));

extern struct config config;
extern struct progress *progress;
extern struct worker workers[MAX_WORKERS];
extern int pipes[MAX_WORKERS][2];
extern uint32_t rest;			/* odd: workers are to park */
extern unsigned long deaths;
extern __thread struct worker *this_worker;

void config_draw(uint64_t seed, unsigned long operations);
void config_print(void);

/* The whole life of a group. */
void group(struct progress *shared);

/* workers.c */
void worker_start(struct worker *w, uint64_t *random);
void worker_upcalls(struct worker *w, bool on);
void block_deadly_signal(int how);

/* sleeps.c */
void sleep_somehow(struct worker *w);
void server_start(void);
void server_stop(void);
void server_call(void);

/* managers.c */
#define LEAVE	0xdeadULL		/* RESUMED with this: a manager ends */
void managers_start(void);
void managers_stop(void);
void serve(const struct vpi_event *e, uint64_t *random);

/* chaos.c */
void chaos(uint64_t *random);
void chaos_on_signal(int sig);

/* For a system VP: resumes the worker in a manager's stead, if it is held. */
void resume_held(struct worker *w);

/* rest.c */
void come_to_rest(void);
void go_on(uint64_t *random);
void check_books(void);

#endif /* GROUP_H */
