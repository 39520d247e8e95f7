/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Verdicts on the recorded reports of tests/smartctl: none of the healthy disks is called
 * ill, none of the ill ones is missed, and each says why. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <glob.h>
#include <stdio.h>

#include "pve-smart/verdict.h"

#define NOW 1795780000

static void load(const char *name, struct pve_buf *text)
{
	PVE_FREE char *path = pve_asprintf("tests/smartctl/%s.json", name);
	PVE_FCLOSE FILE *f = fopen(path, "r");
	size_t n;

	assert_non_null(f);
	n = fread(pve_buf_reserve(text, 1 << 20), 1, 1 << 20, f);
	text->len += n;
}

static void parse(struct pve_smart *s, const char *name)
{
	PVE_BUF text = {0};

	load(name, &text);
	pve_smart_init(s);
	pve_smart_parse(s, (struct pve_span){text.data, text.len});
}

static void judge(struct smart_verdict *v, const struct pve_smart *s,
		  const struct smart_samples *samples)
{
	static const struct smart_samples none;

	smart_judge(v, &(struct smart_case){.smart = s,
					    .samples = samples ? samples : &none,
					    .disk = "D",
					    .device = "/dev/sdx",
					    .rotates = s->rpm > 0,
					    .now = NOW});
}

static const struct {
	const char *name;
	enum smart_health health;
	const char *told;   /* codes above info */
	const char *reason;
	int wear, temperature;
	int64_t hours;
} reports[] = {
	{"hdd-good", SMART_OK, "", "", -1, 35, 21312},
	{"hdd-crc-old", SMART_OK, "", "", -1, 36, 21312},
	{"hdd-packed", SMART_OK, "", "", -1, 36, 24012},
	{"hdd-past", SMART_OK, "", "", -1, 38, 11112},
	{"hdd-testing", SMART_OK, "", "", -1, 38, 11112},
	{"hdd-pending", SMART_WARNING, "SMART-PENDING=8 SMART-UNCORRECTABLE=2",
	 "has 8 sectors that cannot be read", -1, 38, 30112},
	{"hdd-test-failed", SMART_CRITICAL, "SMART-TEST!",
	 "failed its last self-test: Completed: read failure, at hour 30100", -1, 38, 30112},
	{"hdd-failing", SMART_CRITICAL, "SMART-FAILING! SMART-PREFAIL! SMART-REALLOCATED=1999",
	 "says that it is failing", -1, 38, 41112},
	{"hdd-hot", SMART_WARNING, "SMART-TEMPERATURE", "is at 63 C, allowed are 60 C", -1, 63, 11112},
	{"ssd-good", SMART_OK, "", "", 93, 30, 12800},
	{"ssd-attribute", SMART_OK, "", "", 97, 34, 9001},
	{"ssd-worn", SMART_WARNING, "SMART-WEAR", "has used up its rated life (device statistics)", 0,
	 30, 48800},
	{"nvme-good", SMART_OK, "", "", 94, 41, 15120},
	{"nvme-huge", SMART_OK, "", "", 94, 41, 15120},
	{"nvme-media", SMART_WARNING, "SMART-MEDIA=4", "has 4 errors that cost data", 94, 41, 15120},
	{"nvme-spare", SMART_CRITICAL, "SMART-SPARE! SMART-WEAR", "has too few spare blocks left", 0,
	 41, 15120},
	{"nvme-backup", SMART_CRITICAL, "SMART-BACKUP!",
	 "can no longer save its volatile memory when power fails", 94, 41, 15120},
	{"nvme-hot", SMART_WARNING, "SMART-TEMPERATURE", "is outside its range of temperature", 94,
	 84, 15120},
	{"nvme-read-only", SMART_CRITICAL, "SMART-RELIABILITY! SMART-READ-ONLY! SMART-WEAR",
	 "is no longer reliable, by its own word", 0, 41, 15120},
	{"sas-good", SMART_OK, "", "", -1, 33, 31002},
	{"sas-ssd-good", SMART_OK, "", "", 89, 33, 31002},
	{"sas-failing", SMART_CRITICAL, "SMART-FAILING! SMART-MEDIA=44 SMART-REALLOCATED=812",
	 "says that it is failing: HARDWARE IMPENDING FAILURE GENERAL HARD DRIVE FAILURE", -1, 33,
	 31002},
	{"sas-test-failed", SMART_CRITICAL, "SMART-TEST!",
	 "failed its last self-test: Failed in segment --> 7, at hour 31000", -1, 33, 31002},
	{"megaraid-good", SMART_OK, "", "", -1, 33, 31002},
	{"usb-good", SMART_OK, "", "", -1, 38, 8112},
	{"usb-unknown", SMART_UNKNOWN, "SMART-UNREADABLE",
	 "smartctl: Unknown USB bridge [0x1234:0x5678 (0x0100)]", -1, -1, -1},
	{"open-failed", SMART_UNKNOWN, "SMART-UNREADABLE",
	 "smartctl: Smartctl open device: /dev/sdf failed: No such device", -1, -1, -1},
	{"truncated", SMART_UNKNOWN, "SMART-UNREADABLE", "the report of smartctl is cut short", -1, -1,
	 -1},
	{"asleep", SMART_UNKNOWN, "SMART-ASLEEP", "asleep, and no sample of it is kept", -1, -1, -1},
	{"raid-volume", SMART_UNKNOWN, "", "the device has no SMART", -1, -1, -1},
	{"disabled", SMART_UNKNOWN, "SMART-DISABLED", "SMART is disabled", -1, -1, -1},
};

static void recorded_reports(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(reports) / sizeof(*reports); i++) {
		struct smart_verdict v;
		struct pve_smart s;
		PVE_BUF told = {0};

		print_message("# %s\n", reports[i].name);
		parse(&s, reports[i].name);
		judge(&v, &s, NULL);
		smart_told(&v, &told);
		assert_string_equal(pve_buf_str(&told), reports[i].told);
		assert_string_equal(v.reason, reports[i].reason);
		assert_int_equal(v.health, reports[i].health);
		assert_int_equal(v.c[SMART_WEAROUT], reports[i].wear);
		assert_int_equal(v.c[SMART_TEMPERATURE], reports[i].temperature);
		assert_int_equal(v.c[SMART_HOURS], reports[i].hours);
		smart_verdict_done(&v);
		pve_smart_done(&s);
	}
}

/* A report that no row speaks of would be one that nobody looks at. */
static void every_report_has_a_row(void **state)
{
	glob_t files;

	(void)state;
	assert_int_equal(glob("tests/smartctl/*.json", 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		const char *name = strrchr(files.gl_pathv[i], '/') + 1;
		bool found = strcmp(name, "scan.json") == 0;

		for (size_t k = 0; k < sizeof(reports) / sizeof(*reports); k++)
			found |= strlen(reports[k].name) + 5 == strlen(name) &&
				 strncmp(reports[k].name, name, strlen(reports[k].name)) == 0;
		if (!found)
			fail_msg("%s has no row", name);
	}
	globfree(&files);
}

/* --- change ------------------------------------------------------------------------ */

static void add_sample(struct smart_samples *s, int days_ago, enum smart_counter which, int64_t value)
{
	struct smart_sample one = {.time = NOW - days_ago * 86400L, .disk = "D", .told = ""};

	for (int i = 0; i < SMART_NCOUNTERS; i++)
		one.c[i] = -1;
	one.c[which] = value;
	smart_samples_add(s, &one);
	smart_samples_sort(s);
}

static void one_change(const char *report, enum smart_counter which, int days_ago, int64_t before,
		       enum smart_health health, const char *reason)
{
	struct smart_samples samples = {0};
	struct smart_verdict v;
	struct pve_smart s;

	parse(&s, report);
	add_sample(&samples, days_ago, which, before);
	judge(&v, &s, &samples);
	assert_string_equal(v.reason, reason);
	assert_int_equal(v.health, health);
	smart_verdict_done(&v);
	smart_samples_done(&samples);
	pve_smart_done(&s);
}

static void counters_that_grow(void **state)
{
	(void)state;
	/* Old faults are no alarm; new ones are. */
	one_change("hdd-crc-old", SMART_CRC, 6, 7, SMART_OK, "");
	one_change("hdd-crc-old", SMART_CRC, 6, 4, SMART_WARNING,
		   "has 7 transfer errors, 3 more since 2026-11-21T11:46:40Z: look at cable and backplane");
	one_change("hdd-crc-old", SMART_CRC, 8, 4, SMART_OK, "");
	one_change("hdd-crc-old", SMART_REALLOCATED, 1, 1, SMART_WARNING,
		   "has 2 reallocated sectors, 1 more since 2026-11-26T11:46:40Z");
	one_change("hdd-packed", SMART_TIMEOUTS, 3, 4, SMART_WARNING,
		   "has 9 commands that timed out, 5 more since 2026-11-24T11:46:40Z: look at power and cables");
	one_change("hdd-packed", SMART_TIMEOUTS, 3, 5, SMART_OK, "");
	one_change("sas-failing", SMART_MEDIA, 2, 10, SMART_CRITICAL,
		   "says that it is failing: HARDWARE IMPENDING FAILURE GENERAL HARD DRIVE FAILURE");
	one_change("hdd-pending", SMART_PENDING, 2, 8, SMART_WARNING,
		   "has 8 sectors that cannot be read");
}

/* --- codes that no recorded report has -------------------------------------------- */

static struct pve_smart_attr *attr_of(struct pve_smart *s, unsigned id)
{
	for (size_t i = 0; i < s->nattrs; i++)
		if (s->attr[i].id == id)
			return &s->attr[i];
	fail_msg("the report has no attribute %u", id);
	return NULL;
}

static void set_raw(struct pve_smart *s, unsigned id, uint64_t raw, const char *text)
{
	attr_of(s, id)->raw = raw;
	attr_of(s, id)->raw_text = text;
}

/* The one problem that is judged now. */
static void expect(struct pve_smart *s, const struct smart_samples *samples,
		   enum pve_finding_severity severity, const char *code, const char *message)
{
	struct smart_verdict v;

	judge(&v, s, samples);
	assert_int_equal(v.n, 1);
	assert_string_equal(v.problem[0].code, code);
	assert_string_equal(v.problem[0].message, message);
	assert_int_equal(v.problem[0].severity, severity);
	smart_verdict_done(&v);
}

static void counts(unsigned id, uint64_t raw, const char *text,
		   enum pve_finding_severity severity, const char *code, const char *message)
{
	struct pve_smart s;

	parse(&s, "hdd-packed");
	set_raw(&s, id, raw, text);
	expect(&s, NULL, severity, code, message);
	pve_smart_done(&s);
}

static void attributes_and_counts(void **state)
{
	struct smart_samples samples = {0};
	struct pve_smart s;

	(void)state;
	counts(187, 1, "1", PVE_F_WARNING, "SMART-REPORTED",
	       "has 1 errors that it could not correct");
	counts(184, 2, "2", PVE_F_WARNING, "SMART-END-TO-END",
	       "has 2 errors between its cache and the host");
	counts(188, 100, "100", PVE_F_INFO, "SMART-TIMEOUTS", "has 100 commands that timed out");
	parse(&s, "hdd-good");
	attr_of(&s, 9)->failed = 'n';
	expect(&s, NULL, PVE_F_WARNING, "SMART-OLD-AGE", "Power_On_Hours is at 97, its limit is 0");
	attr_of(&s, 9)->failed = 0;
	attr_of(&s, 5)->failed = 'p';
	expect(&s, NULL, PVE_F_WARNING, "SMART-PREFAIL-PAST",
	       "Reallocated_Sector_Ct was once at 100, its limit is 5");
	attr_of(&s, 5)->failed = 0;
	set_raw(&s, 10, 3, "3");
	add_sample(&samples, 1, SMART_SPIN_RETRY, 2);
	expect(&s, &samples, PVE_F_WARNING, "SMART-SPIN-RETRY",
	       "has 3 failed attempts to spin up, 1 more since 2026-11-26T11:46:40Z: look at power");
	smart_samples_done(&samples);
	pve_smart_done(&s);
	parse(&s, "nvme-good");
	s.nvme.critical = 1 << 5;
	expect(&s, NULL, PVE_F_CRITICAL, "SMART-PMR",
	       "has a persistent memory region that is read-only");
	pve_smart_done(&s);
	parse(&s, "raid-volume");
	expect(&s, NULL, PVE_F_INFO, "SMART-NONE", "the device has no SMART");
	pve_smart_done(&s);
}

/* smartctl's exit status: only 3 and 4 say that a disk is ill, and only where the report itself
 * does not say otherwise. */
static void exit_status_bits(void **state)
{
	static const struct {
		int status;
		enum smart_health with_report, without;
	} bits[] = {
		{1 << 0, SMART_OK, SMART_OK},       {1 << 1, SMART_OK, SMART_OK},
		{1 << 2, SMART_OK, SMART_OK},       {1 << 3, SMART_OK, SMART_CRITICAL},
		{1 << 4, SMART_OK, SMART_CRITICAL}, {1 << 5, SMART_OK, SMART_OK},
		{1 << 6, SMART_OK, SMART_OK},       {1 << 7, SMART_OK, SMART_OK},
		{0xe7, SMART_OK, SMART_OK},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bits) / sizeof(*bits); i++) {
		struct smart_verdict v;
		struct pve_smart s;

		parse(&s, "hdd-good");
		s.exit_status = bits[i].status;
		judge(&v, &s, NULL);
		assert_int_equal(v.health, bits[i].with_report);
		smart_verdict_done(&v);
		/* A report that says neither whether it passed, nor its attributes. */
		s.passed = -1;
		s.nattrs = 0;
		judge(&v, &s, NULL);
		assert_int_equal(v.health, bits[i].without);
		smart_verdict_done(&v);
		pve_smart_done(&s);
	}
}

/* What remains, by each name that smartctl's database has for it; clamped, whatever the disk says;
 * after the log of device statistics. */
static void wear_by_any_name(void **state)
{
	static const struct {
		const char *name;
		int value;
		uint64_t raw;
		int left;
	} attrs[] = {
		{"Media_Wearout_Indicator", 96, 0, 96},  {"SSD_Life_Left", 95, 0, 95},
		{"Wear_Leveling_Count", 94, 321, 94},    {"Perc_Write/Erase_Ct_BC", 93, 0, 93},
		{"Perc_Rated_Life_Remain", 92, 0, 92},   {"Remaining_Lifetime_Perc", 91, 0, 91},
		{"Percent_Lifetime_Remain", 90, 0, 90},  {"Lifetime_Left", 89, 0, 89},
		{"PCT_Life_Remaining", 88, 0, 88},       {"Lifetime_Remaining", 87, 0, 87},
		{"Percent_Life_Remaining", 86, 0, 86},   {"Percent_Lifetime_Used", 100, 15, 85},
		{"Perc_Rated_Life_Used", 100, 120, 0},   {"Drive_Life_Remaining%", 83, 0, 83},
		{"DriveLife_Used%", 100, 18, 82},        {"Percent_Life_Used", 100, 19, 81},
		{"Remaining_Life", 80, 0, 80},           {"SSD_LifeLeft(0.01%)", 100, 7912, 79},
		{"Life_Remaining_Percent", 78, 0, 78},   {"Sys_Percent_Life_Remain", 77, 0, 77},
		{"End_of_Life", 76, 0, 76},              {"Wear_Leveling_Count", 253, 0, 100},
		{"Some_Other_Life_Left", 50, 0, -1},
	};
	const char *source;
	struct pve_smart s;

	(void)state;
	for (size_t i = 0; i < sizeof(attrs) / sizeof(*attrs); i++) {
		parse(&s, "ssd-attribute");
		for (size_t k = 0; k < s.nattrs; k++)
			s.attr[k].name = "x";
		s.attr[0].name = attrs[i].name;
		s.attr[0].value = attrs[i].value;
		s.attr[0].raw = attrs[i].raw;
		s.attr[0].raw_text = "";
		assert_int_equal(smart_wear(&s, &source), attrs[i].left);
		assert_string_equal(source, attrs[i].left < 0 ? "" : attrs[i].name);
		pve_smart_done(&s);
	}
	parse(&s, "ssd-good");
	assert_int_equal(smart_wear(&s, &source), 93);
	s.attr[0].name = "Media_Wearout_Indicator";
	s.attr[0].value = 50;
	assert_int_equal(smart_wear(&s, &source), 93);
	assert_string_equal(source, "device statistics");
	s.nstats = 0;
	assert_int_equal(smart_wear(&s, &source), 50);
	pve_smart_done(&s);
	parse(&s, "nvme-good");
	s.nvme.used = 255;
	assert_int_equal(smart_wear(&s, &source), 0);
	assert_string_equal(source, "health log");
	pve_smart_done(&s);
}

static void life_that_ends(void **state)
{
	struct smart_samples s = {0};

	(void)state;
	/* By its hours: a tenth in 1,000 hours, so 9,000 more. */
	assert_int_equal(smart_wear_end(&s, "D", NOW, 90, 1000), NOW + 9000 * 3600);
	assert_int_equal(smart_wear_end(&s, "D", NOW, 100, 1000), 0);
	assert_int_equal(smart_wear_end(&s, "D", NOW, 99, 100), 0);
	assert_int_equal(smart_wear_end(&s, "D", NOW, -1, 1000), 0);
	/* By its samples: ten percent in 20 days, so 180 more for 90. */
	add_sample(&s, 20, SMART_WEAROUT, 100);
	assert_int_equal(smart_wear_end(&s, "D", NOW, 90, 1000), NOW + 180 * 86400);
	/* Not of another disk. */
	assert_int_equal(smart_wear_end(&s, "E", NOW, 90, 1000), NOW + 9000 * 3600);
	smart_samples_done(&s);
	one_change("ssd-good", SMART_WEAROUT, 20, 113, SMART_OK, "");
	add_sample(&s, 14, SMART_WEAROUT, 100);
	one_change("ssd-attribute", SMART_WEAROUT, 14, 120, SMART_WARNING,
		   "wears out by 2027-01-25 at this rate (Percent_Lifetime_Remain: 97 %)");
	smart_samples_done(&s);
}

static void a_sleeping_disk_keeps_its_verdict(void **state)
{
	struct smart_samples samples = {0};
	struct smart_verdict v;
	struct pve_smart s;

	(void)state;
	parse(&s, "asleep");
	add_sample(&samples, 1, SMART_TEMPERATURE, 31);
	judge(&v, &s, &samples);
	assert_int_equal(v.health, SMART_OK);
	assert_int_equal(v.as_of, NOW - 86400);
	assert_int_equal(v.c[SMART_TEMPERATURE], 31);
	assert_string_equal(v.reason, "asleep, as of 2026-11-26T11:46:40Z");
	smart_verdict_done(&v);
	smart_samples_done(&samples);
	pve_smart_done(&s);
}

/* --- news -------------------------------------------------------------------------- */

static void news(void **state)
{
	struct smart_problem p = {PVE_F_WARNING, "SMART-CRC", 7, "", NULL};

	(void)state;
	assert_true(smart_is_news(&p, ""));
	assert_true(smart_is_news(&p, "SMART-CRC=6"));
	assert_false(smart_is_news(&p, "SMART-CRC=7"));
	assert_false(smart_is_news(&p, "SMART-WEAR SMART-CRC=7"));
	assert_true(smart_is_news(&p, "SMART-CRCX=7"));
	p.severity = PVE_F_INFO;
	assert_false(smart_is_news(&p, ""));
	p = (struct smart_problem){PVE_F_WARNING, "SMART-WEAR", -1, "", NULL};
	assert_true(smart_is_news(&p, "SMART-CRC=7"));
	assert_false(smart_is_news(&p, "SMART-WEAR"));
	/* From warning to critical is news, and back is none. */
	p.severity = PVE_F_CRITICAL;
	assert_true(smart_is_news(&p, "SMART-WEAR"));
	assert_false(smart_is_news(&p, "SMART-WEAR!"));
	p.severity = PVE_F_WARNING;
	assert_false(smart_is_news(&p, "SMART-WEAR!"));
}

/* --- words ------------------------------------------------------------------------- */

static void words(const char *report, unsigned id, const char *expected)
{
	struct pve_smart s;
	PVE_BUF b = {0};

	parse(&s, report);
	assert_non_null(pve_smart_attr(&s, id));
	smart_attr_words(&s, pve_smart_attr(&s, id), &b);
	assert_string_equal(pve_buf_str(&b), expected);
	pve_smart_done(&s);
}

static void raw_values_in_words(void **state)
{
	(void)state;
	words("hdd-packed", 1, "0 errors in 162000128 operations");
	words("hdd-packed", 7, "2 errors in 668123456 operations");
	words("hdd-packed", 188, "9 timeouts, 4 of over 5 s, 4 of over 7.5 s");
	words("hdd-packed", 190, "36 C");
	words("hdd-packed", 9, "24012 h, 1000 days");
	words("hdd-packed", 241, "39T");
	words("hdd-good", 3, "438 (Average 440)");
	words("hdd-good", 194, "35 C");
	words("hdd-failing", 5, "1999");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorded_reports),
		cmocka_unit_test(every_report_has_a_row),
		cmocka_unit_test(counters_that_grow),
		cmocka_unit_test(attributes_and_counts),
		cmocka_unit_test(exit_status_bits),
		cmocka_unit_test(wear_by_any_name),
		cmocka_unit_test(life_that_ends),
		cmocka_unit_test(a_sleeping_disk_keeps_its_verdict),
		cmocka_unit_test(news),
		cmocka_unit_test(raw_values_in_words),
	};

	return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
