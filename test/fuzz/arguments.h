/* Arguments, most of them valid, the others in every way wrong. */
#ifndef ARGUMENTS_H
#define ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "run.h"

/* True once in @n times. */
bool seldom(uint64_t *random, unsigned int n);

/* @good, or an address that is none, or not writable, or the shared page's. */
void *draw_pointer(const struct lane *lane, void *good, uint64_t *random);

/* @good, or another size; a structure lies in two pages, so it can be that large. */
size_t draw_size(size_t good, uint64_t *random);

/* Flags of which @all are known. */
uint32_t draw_flags(uint32_t all, uint64_t *random);

/* All notifications, or some, or unknown ones. */
uint32_t draw_mask(uint64_t *random);

uint64_t draw_handle(const struct lane *lane, uint64_t *random);
uint64_t draw_seq(const struct lane *lane, uint64_t *random);
int64_t draw_deadline(uint64_t *random);

/* A lane of this lane's process, or now and then of another one. */
struct lane *draw_lane(const struct lane *lane, uint64_t *random);

#endif /* ARGUMENTS_H */
