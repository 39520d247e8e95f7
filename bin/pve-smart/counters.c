/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "counters.h"

#include "pvecommon/num.h"

const char *const smart_counter_names[SMART_NCOUNTERS] = {
	"temperature", "hours",      "wearout",  "written", "reallocated", "pending", "uncorrectable",
	"reported",    "end-to-end", "timeouts", "crc",     "spin-retry",  "media",   "spare",
};

int smart_counter_find(const char *name)
{
	for (int i = 0; i < SMART_NCOUNTERS; i++)
		if (strcmp(smart_counter_names[i], name) == 0)
			return i;
	return -1;
}

bool smart_is_seagate(const struct pve_smart *s)
{
	return strstr(s->family, "Seagate") || strstr(s->model, "SEAGATE") ||
	       strncmp(s->model, "ST", 2) == 0;
}

/* --- attributes -------------------------------------------------------------------- */

int64_t smart_attr_count(const struct pve_smart_attr *a)
{
	size_t digits = strspn(a->raw_text, "0123456789");
	char end = a->raw_text[digits];
	uint64_t n;

	/* 188 of Seagate: commands that took over 7.5 s, over 5 s, and all that timed out, 16
	 * bits each.  The database shows the three, others show one huge number. */
	if (a->id == 188)
		return (int64_t)(a->raw & 0xffff);
	/* "8 (3 4)": the count, and what the maker put beside it. */
	if (digits && digits < 16 && (!end || end == ' ') &&
	    pve_num_span((struct pve_span){a->raw_text, digits}, INT64_MAX, &n) == 0)
		return (int64_t)n;
	return (int64_t)(a->raw > 0xffffffff ? a->raw & 0xffff : a->raw);
}

static bool has(const struct pve_smart_attr *a, const char *word)
{
	return strstr(a->name, word) != NULL;
}

/* Bytes, of attributes that count what was written or read; -1 for others. */
static int64_t attr_bytes(const struct pve_smart_attr *a)
{
	uint64_t unit = 0;

	if (has(a, "32MiB"))
		unit = 32 << 20;
	else if (has(a, "GiB") || has(a, "_GB"))
		unit = 1 << 30;
	else if (has(a, "LBAs_Written") || has(a, "LBAs_Read") || has(a, "Total_LBAs"))
		unit = 512;
	if (!unit || a->raw > (uint64_t)INT64_MAX / unit)
		return -1;
	return (int64_t)(a->raw * unit);
}

static void packed(const struct pve_smart_attr *a, struct pve_buf *out)
{
	unsigned total = a->raw & 0xffff, slow = a->raw >> 16 & 0xffff, slower = a->raw >> 32 & 0xffff;

	pve_buf_printf(out, "%u timeouts", total);
	if (slow || slower)
		pve_buf_printf(out, ", %u of over 5 s, %u of over 7.5 s", slow, slower);
}

void smart_attr_words(const struct pve_smart *s, const struct pve_smart_attr *a,
		      struct pve_buf *out)
{
	char text[PVE_SIZE_TEXT];

	if (smart_is_seagate(s) && (a->id == 1 || a->id == 7 || a->id == 195))
		pve_buf_printf(out, "%llu errors in %llu operations",
			       (unsigned long long)(a->raw >> 32 & 0xffff),
			       (unsigned long long)(a->raw & 0xffffffff));
	else if (a->id == 188)
		packed(a, out);
	else if ((a->id == 190 || a->id == 194) && (a->raw & 0xff) < 128)
		pve_buf_printf(out, "%d C", (int)(a->raw & 0xff));
	else if (a->id == 9 && s->hours >= 0)
		pve_buf_printf(out, "%lld h, %lld days", (long long)s->hours,
			       (long long)s->hours / 24);
	else if (attr_bytes(a) >= 0)
		pve_buf_puts(out, pve_num_size_text((uint64_t)attr_bytes(a), text));
	else if (*a->raw_text)
		pve_buf_puts(out, a->raw_text);
	else
		pve_buf_printf(out, "%llu", (unsigned long long)a->raw);
}

/* --- wear -------------------------------------------------------------------------- */

/* Names that smartctl's database gives to the attribute, the usual first.  used: the raw
 * value is the percentage that is gone; else the normalised one is what remains. */
static const struct {
	const char *name;
	bool used;
} wear_names[] = {
	{"Media_Wearout_Indicator", false},
	{"SSD_Life_Left", false},
	{"Wear_Leveling_Count", false},
	{"Perc_Write/Erase_Ct_BC", false},
	{"Perc_Rated_Life_Remain", false},
	{"Remaining_Lifetime_Perc", false},
	{"Percent_Lifetime_Remain", false},
	{"Lifetime_Left", false},
	{"PCT_Life_Remaining", false},
	{"Lifetime_Remaining", false},
	{"Percent_Life_Remaining", false},
	{"Percent_Lifetime_Used", true},
	{"Perc_Rated_Life_Used", true},
	/* Not known to Proxmox VE: */
	{"Drive_Life_Remaining%", false},
	{"DriveLife_Used%", true},
	{"Percent_Life_Used", true},
	{"Remaining_Life", false},
	{"SSD_LifeLeft(0.01%)", false},
	{"Life_Remaining_Percent", false},
	{"Sys_Percent_Life_Remain", false},
	{"End_of_Life", false},
};

static int clamp(int64_t percent)
{
	return percent < 0 ? 0 : percent > 100 ? 100 : (int)percent;
}

static int wear_of_attr(const struct pve_smart *s, const char **source)
{
	for (size_t i = 0; i < sizeof(wear_names) / sizeof(*wear_names); i++)
		for (size_t k = 0; k < s->nattrs; k++) {
			const struct pve_smart_attr *a = &s->attr[k];

			if (strcmp(a->name, wear_names[i].name) != 0)
				continue;
			*source = a->name;
			if (has(a, "(0.01%)"))
				return clamp((int64_t)(a->raw & 0xffff) / 100);
			if (wear_names[i].used && a->raw <= 255)
				return clamp(100 - (int64_t)a->raw);
			return a->value < 0 ? -1 : clamp(a->value);
		}
	return -1;
}

int smart_wear(const struct pve_smart *s, const char **source)
{
	const struct pve_smart_stat *used = pve_smart_stat(s, 7, 8);
	const char *own = "";

	source = source ? source : &own;
	*source = "";
	if (used && used->value >= 0 && used->value <= 255) {
		*source = "device statistics";
		return clamp(100 - used->value);
	}
	if (s->nvme.used >= 0) {
		*source = "health log";
		return clamp(100 - s->nvme.used);
	}
	if (s->scsi.used >= 0) {
		*source = "endurance indicator";
		return clamp(100 - s->scsi.used);
	}
	return s->rpm > 0 ? -1 : wear_of_attr(s, source);
}

/* --- all of them ------------------------------------------------------------------- */

static int64_t count_of(const struct pve_smart *s, unsigned id)
{
	const struct pve_smart_attr *a = pve_smart_attr(s, id);

	return a ? smart_attr_count(a) : -1;
}

static int64_t stat_of(const struct pve_smart *s, unsigned page, unsigned offset)
{
	const struct pve_smart_stat *stat = pve_smart_stat(s, page, offset);

	return stat && stat->value >= 0 ? stat->value : -1;
}

static int64_t first(int64_t a, int64_t b)
{
	return a >= 0 ? a : b;
}

static int64_t written(const struct pve_smart *s)
{
	const struct pve_smart_attr *a = pve_smart_attr(s, 241);
	int64_t sectors = stat_of(s, 1, 24);

	if (s->nvme.written >= 0 && s->nvme.written < INT64_MAX / 512000)
		return s->nvme.written * 512000;
	if (sectors >= 0 && sectors < INT64_MAX / 512)
		return sectors * 512;
	return a ? attr_bytes(a) : -1;
}

/* Errors of SCSI that cost data, in all three kinds of access. */
static int64_t scsi_lost(const struct pve_smart *s)
{
	const int64_t part[] = {s->scsi.read_uncorrected, s->scsi.write_uncorrected,
				s->scsi.verify_uncorrected};
	int64_t sum = -1;

	for (size_t i = 0; i < 3; i++)
		if (part[i] >= 0 && part[i] < INT64_MAX / 4)
			sum = (sum < 0 ? 0 : sum) + part[i];
	return sum;
}

void smart_counters_read(int64_t c[SMART_NCOUNTERS], const struct pve_smart *s)
{
	c[SMART_TEMPERATURE] = s->temperature == PVE_SMART_NO_TEMPERATURE ? -1 : s->temperature;
	c[SMART_HOURS] = s->hours;
	c[SMART_WEAROUT] = smart_wear(s, NULL);
	c[SMART_WRITTEN] = written(s);
	c[SMART_REALLOCATED] = first(first(count_of(s, 5), stat_of(s, 3, 32)), s->scsi.grown_defects);
	c[SMART_PENDING] = count_of(s, 197);
	c[SMART_UNCORRECTABLE] = count_of(s, 198);
	c[SMART_REPORTED] = first(count_of(s, 187), stat_of(s, 4, 8));
	c[SMART_END_TO_END] = count_of(s, 184);
	c[SMART_TIMEOUTS] = count_of(s, 188);
	c[SMART_CRC] = first(count_of(s, 199), stat_of(s, 6, 24));
	c[SMART_SPIN_RETRY] = count_of(s, 10);
	c[SMART_MEDIA] = first(s->nvme.media_errors, scsi_lost(s));
	c[SMART_SPARE] = s->nvme.spare;
}
