// SPDX-License-Identifier: MIT
/* Reads what to run: NUL-terminated records "key=value", in any order of keys. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest.h"

static char *read_whole(const char *path, size_t *size)
{
	struct stat status;
	char *text;
	ssize_t count;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &status) < 0)
		die("%s: %s", path, strerror(errno));
	text = malloc(status.st_size + 1);
	if (!text)
		die("out of memory");
	for (*size = 0; *size < (size_t)status.st_size; *size += count) {
		count = read(fd, text + *size, status.st_size - *size);
		if (count <= 0)
			die("%s: short read", path);
	}
	text[*size] = '\0';
	close(fd);
	return text;
}

static const char *value_of(const char *record, const char *key)
{
	size_t length = strlen(key);

	return strncmp(record, key, length) == 0 && record[length] == '=' ? record + length + 1 : NULL;
}

void read_command(const char *path, struct command *command)
{
	size_t size, records = 0, args = 0, vars = 0;
	char *text = read_whole(path, &size), *record;
	const char *value;

	for (record = text; record < text + size; record += strlen(record) + 1)
		records++;
	command->argv = calloc(records + 1, sizeof(char *));
	command->envp = calloc(records + 1, sizeof(char *));
	if (!command->argv || !command->envp)
		die("out of memory");

	for (record = text; record < text + size; record += strlen(record) + 1) {
		if ((value = value_of(record, "arg")))
			command->argv[args++] = (char *)value;
		else if ((value = value_of(record, "env")))
			command->envp[vars++] = (char *)value;
		else if ((value = value_of(record, "cwd")))
			command->cwd = value;
		else if ((value = value_of(record, "shared")))
			command->shared = value;
		else if ((value = value_of(record, "program")))
			command->program = value;
		else if ((value = value_of(record, "tty")))
			command->tty = value;
		else if ((value = value_of(record, "hostname")))
			command->hostname = value;
		else if ((value = value_of(record, "files")))
			command->share = strcmp(value, "host") == 0;
		else
			die("%s: unknown record %s", path, record);
	}
}
