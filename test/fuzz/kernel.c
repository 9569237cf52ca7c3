/* The kernel's log, delay points, and threads as /proc shows them. */
#include "kernel.h"

#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <unistd.h>

#include "vpi_random.h"

#define READ_ALL	3	/* of klogctl() */
#define MARK		"fuzz: the run of seed"
#define DEBUG		"/sys/kernel/debug/"

static const char * const complaints[] = {
	"WARNING:", "BUG:", "Oops", "KASAN", "UBSAN", "INFO: ", "ODEBUG",
	"general protection fault, ", "possible recursive locking",
	"inconsistent lock state", "suspicious RCU usage", "corruption",
};

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) > 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

void kernel_mark(uint64_t seed)
{
	char text[64];

	snprintf(text, sizeof(text), "<6>" MARK " %llu\n",
		 (unsigned long long)seed);
	write_file("/dev/kmsg", text);
}

static bool is_complaint(const char *line)
{
	size_t i;

	/* The rest of the kernel has data races, too. */
	if (strstr(line, "KCSAN") && !strstr(line, "vpi"))
		return false;
	for (i = 0; i < sizeof(complaints) / sizeof(complaints[0]); i++)
		if (strstr(line, complaints[i]))
			return true;
	return false;
}

bool kernel_complains(void)
{
	static char log[1 << 20];
	int n = klogctl(READ_ALL, log, sizeof(log) - 1);
	char *line = log, *mark;
	bool found = false;

	if (n < 0)
		return false;
	log[n] = 0;
	while ((mark = strstr(line, MARK)))
		line = mark + 1;
	for (line = strtok(line, "\n"); line; line = strtok(NULL, "\n")) {
		found |= is_complaint(line);
		if (found)
			printf("# %s\n", line);
	}
	return found;
}

void kernel_forget_warnings(void)
{
	write_file(DEBUG "clear_warn_once", "1");
}

void kernel_delays(uint64_t seed)
{
	uint64_t random = seed;
	glob_t points;
	char us[16];
	size_t i;

	if (glob(DEBUG "vpi/delay/*", 0, NULL, &points))
		return;
	for (i = 0; i < points.gl_pathc; i++) {
		snprintf(us, sizeof(us), "%u", seed && !random_below(&random, 4) ?
			 random_below(&random, 200) : 0);
		write_file(points.gl_pathv[i], us);
	}
	globfree(&points);
}

static void show_file(const char *directory, const char *name)
{
	char path[128], text[4096], *line;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = 0;
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		if (strcmp(name, "status") || !strncmp(line, "State", 5) ||
		    !strncmp(line, "Sig", 3) || !strncmp(line, "Shd", 3))
			printf("#   %s: %s\n", name, line);
}

static pid_t group_of(const char *directory)
{
	pid_t group = 0;
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/stat", directory);
	f = fopen(path, "r");
	if (f) {
		if (fscanf(f, "%*d (%*[^)]) %*c %*d %d", &group) != 1)
			group = 0;
		fclose(f);
	}
	return group;
}

void kernel_show_group(pid_t group)
{
	static const char * const names[] = { "status", "wchan", "stack", "vpi" };
	glob_t tasks;
	size_t i, j;

	if (glob("/proc/[0-9]*/task/[0-9]*", 0, NULL, &tasks))
		return;
	for (i = 0; i < tasks.gl_pathc; i++) {
		if (group_of(tasks.gl_pathv[i]) != group)
			continue;
		printf("# %s\n", tasks.gl_pathv[i]);
		for (j = 0; j < sizeof(names) / sizeof(names[0]); j++)
			show_file(tasks.gl_pathv[i], names[j]);
	}
	globfree(&tasks);
}
