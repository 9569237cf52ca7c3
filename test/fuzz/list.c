/* One line for the run, one for each operation. */
#include "list.h"

#include <stdio.h>

#include "calls.h"
#include "run.h"

void list_print(void)
{
	uint32_t i;

	printf("# run seed %llu processes %u threads %u\n",
	       (unsigned long long)run->seed, run->processes, run->threads);
	for (i = 0; i < run->nr_ops; i++)
		printf("# op %u %s %#llx\n", run->op[i].lane,
		       calls[run->op[i].call].name,
		       (unsigned long long)run->op[i].random);
}

static void read_op(const char *line)
{
	unsigned long long random;
	unsigned int lane;
	char name[32];
	int call;

	if (sscanf(line, "# op %u %31s %llx", &lane, name, &random) != 3)
		return;
	call = find_call(name);
	if (call >= 0 && lane < MAX_LANES && run->nr_ops < MAX_OPS)
		run->op[run->nr_ops++] = (struct op) { lane, call, random };
}

bool list_read(const char *path)
{
	FILE *f = fopen(path, "r");
	unsigned long long seed;
	char line[256];

	if (!f)
		return false;
	run->nr_ops = 0;
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "# run seed %llu processes %u threads %u",
			   &seed, &run->processes, &run->threads) == 3)
			run->seed = seed;
		else
			read_op(line);
	}
	fclose(f);
	return run->nr_ops && run->processes && run->threads;
}
