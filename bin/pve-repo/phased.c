/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "phased.h"

#include <stdint.h>
#include <string.h>

#include "pvecommon/mem.h"

#define N 4 /* words that seeding minstd_rand asks of the seed sequence */

static uint32_t stir(uint32_t x, uint32_t by)
{
	return (x ^ x >> 27) * by;
}

/* The C++ standard, [rand.util.seedseq], for N words, for which p is 1 and q is 2. */
static void seed_seq(const char *seed, uint32_t a[N])
{
	const unsigned s = (unsigned)strlen(seed), m = s + 1 > N ? s + 1 : N;

	for (unsigned i = 0; i < N; i++)
		a[i] = 0x8b8b8b8bu;
	for (unsigned k = 0; k < m; k++) {
		uint32_t *x = &a[k % N], *y = &a[(k + 1) % N], *z = &a[(k + 2) % N];
		uint32_t r1 = stir(*x ^ *y ^ a[(k + N - 1) % N], 1664525u), r2 = r1;

		if (k == 0)
			r2 += s;
		else
			r2 += k % N + (k <= s ? (uint32_t)(int32_t)(signed char)seed[k - 1] : 0);
		*y += r1;
		*z += r2;
		*x = r2;
	}
	for (unsigned k = m; k < m + N; k++) {
		uint32_t *x = &a[k % N], *y = &a[(k + 1) % N], *z = &a[(k + 2) % N];
		uint32_t r3 = stir(*x + *y + a[(k + N - 1) % N], 1566083941u), r4 = r3 - k % N;

		*y ^= r3;
		*z ^= r4;
		*x = r4;
	}
}

/* 0 to 100, all alike. */
static unsigned draw(const char *seed)
{
	const uint64_t mod = 2147483647u, scale = (mod - 2) / 101;
	uint32_t a[N];
	uint64_t x, out;

	seed_seq(seed, a);
	x = a[3] % mod;
	if (!x)
		x = 1;
	do {
		x = x * 48271u % mod;
		out = x - 1;
	} while (out >= 101 * scale);
	return (unsigned)(out / scale);
}

bool repo_phased_in(const char *source, const char *version, const char *machine_id,
		    unsigned percent)
{
	PVE_FREE char *seed = pve_asprintf("%s-%s-%s", source, version, machine_id);

	return draw(seed) <= percent;
}
