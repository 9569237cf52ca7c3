/* Disturbs groups from outside. */
#include "around.h"

#include <sys/stat.h>

static bool write_into(const struct child *c, const char *file, const char *text)
{
	char path[128];
	int fd;
	bool ok;

	snprintf(path, sizeof(path), "%s/%s", c->cgroup, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	ok = fd >= 0 && write(fd, text, strlen(text)) > 0;
	if (fd >= 0)
		close(fd);
	return ok;
}

void around_enter(struct child *c, unsigned int number)
{
	char pid[16];

	snprintf(c->cgroup, sizeof(c->cgroup), "/sys/fs/cgroup/torture.%u",
		 number);
	snprintf(pid, sizeof(pid), "%d", c->pid);
	mkdir(c->cgroup, 0755);
	if (!write_into(c, "cgroup.procs", pid))
		c->cgroup[0] = 0;
}

void around_leave(struct child *c)
{
	if (c->cgroup[0])
		rmdir(c->cgroup);
}

static void freeze(struct child *c, uint64_t *random)
{
	if (!c->cgroup[0])
		return;
	write_into(c, "cgroup.freeze", "1");
	nap_ns(random_below(random, 3000000));
	/* Dies frozen, now and then. */
	if (c->end == IS_KILLED && !random_below(random, 16))
		kill(c->pid, SIGKILL);
	write_into(c, "cgroup.freeze", "0");
}

static void stop(struct child *c, uint64_t *random)
{
	kill(c->pid, SIGSTOP);
	nap_ns(random_below(random, 2000000));
	kill(c->pid, SIGCONT);
}

static void look(struct child *c)
{
	char path[64], text[4096];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/vpi", c->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	while (read(fd, text, sizeof(text)) > 0)
		;
	close(fd);
}

void around_disturb(struct child *c, uint64_t *random)
{
	if (!c->pid)
		return;
	if (c->end == IS_KILLED && c->progress->operations > c->killed_after)
		kill(c->pid, SIGKILL);
	switch (random_below(random, 8)) {
	case 0:
		freeze(c, random);
		break;
	case 1:
		stop(c, random);
		break;
	case 2:
		look(c);
		break;
	default:
		break;
	}
}
