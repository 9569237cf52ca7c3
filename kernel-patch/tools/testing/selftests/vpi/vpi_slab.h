/* SPDX-License-Identifier: GPL-2.0 */
/* How many KCBs and VPs the kernel has: what is left over has leaked. */
#ifndef VPI_SLAB_H
#define VPI_SLAB_H

#include <stdbool.h>
#include <stdio.h>

struct slab_counts {
	unsigned long kcbs;
	unsigned long vps;
};

/*
 * Objects in use in the slab cache @name. "shrink" first, as the kernel counts
 * the free objects of a CPU's own slab as used.
 */
static inline bool slab_objects(const char *name, unsigned long *objects)
{
	char path[128];
	bool ok;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/shrink", name);
	f = fopen(path, "w");
	if (!f)
		return false;
	fputs("1", f);
	fclose(f);

	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/objects", name);
	f = fopen(path, "r");
	if (!f)
		return false;
	ok = fscanf(f, "%lu", objects) == 1;
	fclose(f);
	return ok;
}

static inline bool slab_counts(struct slab_counts *counts)
{
	return slab_objects("vpi_kcb", &counts->kcbs) &&
	       slab_objects("vpi_vp", &counts->vps);
}

/* Freeing may be late; ask again until it is so, or until patience ends. */
static inline bool slab_counts_back(const struct slab_counts *before)
{
	struct slab_counts now;

	return slab_counts(&now) &&
	       now.kcbs <= before->kcbs && now.vps <= before->vps;
}

#endif /* VPI_SLAB_H */
