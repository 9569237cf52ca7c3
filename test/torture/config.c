/* What sort of group a seed makes. */
#include "group.h"

struct config config;

static bool once_in(uint64_t *random, unsigned int n)
{
	return !random_below(random, n);
}

void config_draw(uint64_t seed, unsigned long operations)
{
	uint64_t random = seed * 0x9e3779b97f4a7c15ULL + 1;

	config = (struct config) {
		.seed = seed,
		.operations = operations,
		.flaw = config.flaw,
	};
	config.workers = 1 + random_below(&random, MAX_WORKERS);
	config.managers = once_in(&random, 8) ? 0 :
			  1 + random_below(&random, MAX_MANAGERS);
	config.target = once_in(&random, 2) ? 0 : 1 + random_below(&random, 3);
	config.masks = once_in(&random, 3);
	config.deaths = once_in(&random, 2);
	config.signals = once_in(&random, 2);
	/* Without managers, workers serve each other. */
	config.fetches = !config.managers || once_in(&random, 2);
	config.rests = 1 + random_below(&random, 4);
	if (once_in(&random, 4))
		config.end = once_in(&random, 3) ? EXECUTES : IS_KILLED;
}

void config_print(void)
{
	static const char * const ends[] = { "returns", "is killed", "executes" };

	printf("# group of seed %llu: %u workers, %u managers, target %u%s%s%s%s; %s\n",
	       (unsigned long long)config.seed, config.workers, config.managers,
	       config.target, config.masks ? ", masks" : "",
	       config.deaths ? ", deaths" : "",
	       config.signals ? ", signals" : "",
	       config.fetches ? ", fetches" : "", ends[config.end]);
}
