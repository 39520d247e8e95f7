/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The JSON of smartctl. */
#include "pveio/smart.h"

#include <stdio.h>

#include "pvecommon/jsonread.h"

#define ROWS_MAX 1024 /* of any table in a report; real ones have a few hundred */

/* --- small things ------------------------------------------------------------------ */

/* An integer from min to max, else other. */
static int64_t number(const struct pve_jsonval *o, const char *path, int64_t min, int64_t max,
		      int64_t other)
{
	return pve_jsonval_int(pve_jsonval_at(o, path), min, max, other);
}

static int64_t count(const struct pve_jsonval *o, const char *path)
{
	return number(o, path, 0, INT64_MAX, -1);
}

static int percent(const struct pve_jsonval *o, const char *path)
{
	return (int)number(o, path, 0, 255, -1);
}

static const char *text(struct pve_smart *s, const struct pve_jsonval *o, const char *path)
{
	const char *v = pve_jsonval_str(pve_jsonval_at(o, path), &s->mem);

	return v ? v : "";
}

static bool is(const struct pve_jsonval *o, const char *path, const char *value)
{
	return pve_jsonval_is(pve_jsonval_at(o, path), value);
}

static int tri(const struct pve_jsonval *o, const char *path)
{
	return pve_jsonval_bool(pve_jsonval_at(o, path));
}

/* The row behind this one (NULL: the first) of a table that has n of them behind us. */
static const struct pve_jsonval *next(const struct pve_jsonval *table,
				      const struct pve_jsonval *row, size_t n)
{
	return n < ROWS_MAX ? pve_jsonval_next(table, row) : NULL;
}

/* --- parts of a report ------------------------------------------------------------- */

static void read_identity(struct pve_smart *s, const struct pve_jsonval *o)
{
	if (is(o, "device.protocol", "ATA"))
		s->protocol = PVE_SMART_ATA;
	else if (is(o, "device.protocol", "NVMe"))
		s->protocol = PVE_SMART_NVME;
	else if (is(o, "device.protocol", "SCSI"))
		s->protocol = PVE_SMART_SCSI;
	s->model = text(s, o, "model_name");
	if (!*s->model)
		s->model = text(s, o, "scsi_model_name");
	s->family = text(s, o, "model_family");
	s->serial = text(s, o, "serial_number");
	s->firmware = text(s, o, "firmware_version");
	if (!*s->firmware)
		s->firmware = text(s, o, "scsi_revision");
	if (pve_jsonval_at(o, "wwn.naa"))
		s->wwn = pve_arena_printf(
			&s->mem, "0x%llx%06llx%09llx",
			(unsigned long long)number(o, "wwn.naa", 0, 15, 0),
			(unsigned long long)number(o, "wwn.oui", 0, 0xffffff, 0),
			(unsigned long long)number(o, "wwn.id", 0, 0xfffffffffLL, 0));
	else
		s->wwn = text(s, o, "logical_unit_id");
	s->size = (uint64_t)number(o, "user_capacity.bytes", 0, INT64_MAX, 0);
	s->rpm = (int)number(o, "rotation_rate", 0, 100000, -1);
}

static void read_general(struct pve_smart *s, const struct pve_jsonval *o)
{
	static const char *const limits[] = {"temperature.op_limit_max", "temperature.drive_trip",
					     NULL};

	s->passed = tri(o, "smart_status.passed");
	s->temperature = (int)number(o, "temperature.current", -100, 200, PVE_SMART_NO_TEMPERATURE);
	for (size_t i = 0; limits[i] && s->temperature_max == PVE_SMART_NO_TEMPERATURE; i++)
		s->temperature_max = (int)number(o, limits[i], 30, 120, PVE_SMART_NO_TEMPERATURE);
	s->hours = number(o, "power_on_time.hours", 0, 10000000, -1);
	s->cycles = number(o, "power_cycle_count", 0, INT64_MAX, -1);
}

static void read_attrs(struct pve_smart *s, const struct pve_jsonval *o)
{
	const struct pve_jsonval *table = pve_jsonval_at(o, "ata_smart_attributes.table"),
				 *row = NULL;

	for (size_t i = 0; (row = next(table, row, i)); i++) {
		int64_t id = number(row, "id", 1, 255, 0);

		if (!id)
			continue;
		s->attr = pve_grow(s->attr, s->nattrs, &s->attrs_cap, sizeof(*s->attr));
		s->attr[s->nattrs++] = (struct pve_smart_attr){
			.id = (unsigned)id,
			.name = text(s, row, "name"),
			.value = (int)number(row, "value", 0, 255, -1),
			.worst = (int)number(row, "worst", 0, 255, -1),
			.thresh = (int)number(row, "thresh", 0, 255, 0),
			.prefail = tri(row, "flags.prefailure") == 1,
			.failed = is(row, "when_failed", "now")    ? 'n'
				  : is(row, "when_failed", "past") ? 'p'
								   : 0,
			.raw = (uint64_t)number(row, "raw.value", 0, INT64_MAX, 0),
			.raw_text = text(s, row, "raw.string"),
		};
	}
}

static void read_stats(struct pve_smart *s, const struct pve_jsonval *o)
{
	const struct pve_jsonval *pages = pve_jsonval_at(o, "ata_device_statistics.pages"),
				 *page = NULL;

	for (size_t i = 0; (page = next(pages, page, i)); i++) {
		const struct pve_jsonval *table = pve_jsonval_at(page, "table"), *row = NULL;

		for (size_t k = 0; (row = next(table, row, k)); k++) {
			if (tri(row, "flags.valid") == 0 || !pve_jsonval_at(row, "value") ||
			    s->nstats == ROWS_MAX)
				continue;
			s->stat = pve_grow(s->stat, s->nstats, &s->stats_cap, sizeof(*s->stat));
			s->stat[s->nstats++] = (struct pve_smart_stat){
				.page = (unsigned)number(page, "number", 0, 255, 255),
				.offset = (unsigned)number(row, "offset", 0, 511, 511),
				.name = text(s, row, "name"),
				.value = number(row, "value", INT64_MIN, INT64_MAX, -1),
				.normalized = tri(row, "flags.normalized") == 1,
			};
		}
	}
}

static void add_error(struct pve_smart *s, int64_t n, int64_t hours, const char *what)
{
	s->error = pve_grow(s->error, s->nerrors, &s->errors_cap, sizeof(*s->error));
	s->error[s->nerrors++] = (struct pve_smart_error){n, hours, what};
}

static void read_ata_errors(struct pve_smart *s, const struct pve_jsonval *o)
{
	const struct pve_jsonval *log = pve_jsonval_at(o, "ata_smart_error_log.extended");
	const struct pve_jsonval *table, *row = NULL;

	if (!log)
		log = pve_jsonval_at(o, "ata_smart_error_log.summary");
	s->error_count = number(log, "count", 0, INT64_MAX, -1);
	table = pve_jsonval_at(log, "table");
	for (size_t i = 0; (row = next(table, row, i)); i++) {

		add_error(s, count(row, "error_number"), count(row, "lifetime_hours"),
			  text(s, row, "error_description"));
	}
}

static void read_nvme_errors(struct pve_smart *s, const struct pve_jsonval *o)
{
	const struct pve_jsonval *table = pve_jsonval_at(o, "nvme_error_information_log.table");
	const struct pve_jsonval *row = NULL;

	for (size_t i = 0; (row = next(table, row, i)); i++) {

		add_error(s, count(row, "error_count"), -1, text(s, row, "status_field.string"));
	}
}

static void add_test(struct pve_smart *s, struct pve_smart_test test)
{
	s->test = pve_grow(s->test, s->ntests, &s->tests_cap, sizeof(*s->test));
	s->test[s->ntests++] = test;
}

static void read_ata_tests(struct pve_smart *s, const struct pve_jsonval *o)
{
	const struct pve_jsonval *log = pve_jsonval_at(o, "ata_smart_self_test_log.extended"),
				 *table, *row = NULL;
	const struct pve_jsonval *now = pve_jsonval_at(o, "ata_smart_data.self_test.status");
	int64_t status = number(now, "value", 0, 255, 0);

	if (!log)
		log = pve_jsonval_at(o, "ata_smart_self_test_log.standard");
	table = pve_jsonval_at(log, "table");
	for (size_t i = 0; (row = next(table, row, i)); i++) {

		add_test(s, (struct pve_smart_test){
				    text(s, row, "type.string"), text(s, row, "status.string"),
				    tri(row, "status.passed"), count(row, "lifetime_hours"),
				    count(row, "lba")});
	}
	/* The high half of the status is 15 while one runs (ACS-4, table 136). */
	s->testing = status >> 4 == 15;
	s->testing_left = (int)number(now, "remaining_percent", 0, 100, -1);
	s->short_minutes =
		(int)number(o, "ata_smart_data.self_test.polling_minutes.short", 0, 100000, -1);
	s->long_minutes =
		(int)number(o, "ata_smart_data.self_test.polling_minutes.extended", 0, 100000, -1);
}

static void read_nvme_tests(struct pve_smart *s, const struct pve_jsonval *o)
{
	const struct pve_jsonval *log = pve_jsonval_at(o, "nvme_self_test_log"),
				 *table = pve_jsonval_at(log, "table");
	const struct pve_jsonval *row = NULL;
	int64_t done = number(log, "current_self_test_completion_percent", 0, 100, -1);

	s->testing = number(log, "current_self_test_operation.value", 0, 15, 0) > 0;
	if (s->testing)
		s->testing_type = text(s, log, "current_self_test_operation.string");
	if (s->testing && done >= 0)
		s->testing_left = 100 - (int)done;
	for (size_t i = 0; (row = next(table, row, i)); i++) {
		int64_t result = number(row, "self_test_result.value", 0, 15, -1);

		/* 5 to 7 are failures (NVM Express 2.0, figure 219). */
		add_test(s,
			 (struct pve_smart_test){text(s, row, "self_test_code.string"),
						 text(s, row, "self_test_result.string"),
						 result == 0                 ? 1
						 : result >= 5 && result < 8 ? 0
									     : -1,
						 count(row, "power_on_hours"), count(row, "lba")});
	}
}

static void read_scsi_tests(struct pve_smart *s, const struct pve_jsonval *o)
{
	for (unsigned i = 0; i < 20; i++) {
		char key[32];
		const struct pve_jsonval *row;
		int64_t result;

		snprintf(key, sizeof(key), "scsi_self_test_%u", i);
		row = pve_jsonval_at(o, key);
		if (!row)
			break;
		result = number(row, "result.value", 0, 15, -1);
		if (i == 0 && result == 15) {
			s->testing = true;
			s->testing_type = text(s, row, "code.string");
			continue;
		}
		/* 3 to 7 are failures (SPC-5, table of the self-test results page). */
		add_test(s, (struct pve_smart_test){text(s, row, "code.string"),
						    text(s, row, "result.string"),
						    result == 0                 ? 1
						    : result >= 3 && result < 8 ? 0
										: -1,
						    count(row, "power_on_time.hours"),
						    count(row, "lba_first_failure.value")});
	}
	s->long_minutes = (int)number(o, "scsi_extended_self_test_seconds", 0, 6000000, -60) / 60;
}

static void read_nvme(struct pve_smart *s, const struct pve_jsonval *o)
{
	const struct pve_jsonval *log = pve_jsonval_at(o, "nvme_smart_health_information_log");

	s->nvme = (struct pve_smart_nvme){
		.critical = (int)number(log, "critical_warning", 0, 255, -1),
		.spare = percent(log, "available_spare"),
		.spare_threshold = percent(log, "available_spare_threshold"),
		.used = percent(log, "percentage_used"),
		.read = count(log, "data_units_read"),
		.written = count(log, "data_units_written"),
		.host_reads = count(log, "host_reads"),
		.host_writes = count(log, "host_writes"),
		.busy_minutes = count(log, "controller_busy_time"),
		.unsafe_shutdowns = count(log, "unsafe_shutdowns"),
		.media_errors = count(log, "media_errors"),
		.error_entries = count(log, "num_err_log_entries"),
		.warning_minutes = count(log, "warning_temp_time"),
		.critical_minutes = count(log, "critical_comp_time"),
	};
	s->error_count = s->nvme.error_entries;
	if (s->hours < 0)
		s->hours = number(log, "power_on_hours", 0, 10000000, -1);
	if (s->cycles < 0)
		s->cycles = count(log, "power_cycles");
	if (s->temperature == PVE_SMART_NO_TEMPERATURE)
		s->temperature =
			(int)number(log, "temperature", -100, 200, PVE_SMART_NO_TEMPERATURE);
}

static void read_scsi(struct pve_smart *s, const struct pve_jsonval *o)
{
	static const char total[] = "total_uncorrected_errors";
	const struct pve_jsonval *log = pve_jsonval_at(o, "scsi_error_counter_log");

	s->scsi.grown_defects = count(o, "scsi_grown_defect_list");
	s->scsi.read_uncorrected = count(pve_jsonval_at(log, "read"), total);
	s->scsi.write_uncorrected = count(pve_jsonval_at(log, "write"), total);
	s->scsi.verify_uncorrected = count(pve_jsonval_at(log, "verify"), total);
	s->scsi.used = percent(o, "scsi_percentage_used_endurance_indicator");
	s->scsi.trip = text(s, o, "smart_status.scsi.ie_string");
}

/* --- the state --------------------------------------------------------------------- */

static bool has_word(const struct pve_jsonval *messages, const char *word)
{
	const struct pve_jsonval *row = NULL;
	struct pve_arena mem = {0};
	bool found = false;

	for (size_t i = 0; !found && (row = next(messages, row, i)); i++) {
		const char *m = pve_jsonval_str(pve_jsonval_at(row, "string"), &mem);

		found = m && strstr(m, word);
	}
	pve_arena_done(&mem);
	return found;
}

/* smartctl's first error, without the name of the device before it. */
static const char *message(struct pve_smart *s, const struct pve_jsonval *messages)
{
	const struct pve_jsonval *row = NULL;

	for (size_t i = 0; (row = next(messages, row, i)); i++) {
		const char *m, *behind;

		if (!is(row, "severity", "error"))
			continue;
		m = text(s, row, "string");
		behind = *m == '/' ? strstr(m, ": ") : NULL;
		if (*m)
			return behind ? behind + 2 : m;
	}
	return "";
}

static bool has_health(const struct pve_smart *s)
{
	return s->passed >= 0 || s->nattrs || s->nvme.critical >= 0 || s->scsi.grown_defects >= 0;
}

static void decide(struct pve_smart *s, const struct pve_jsonval *o)
{
	const struct pve_jsonval *messages = pve_jsonval_at(o, "smartctl.messages");
	const char *m = message(s, messages);

	if (has_word(messages, "STANDBY mode") || has_word(messages, "SLEEP mode") ||
	    has_word(messages, "IDLE_") || has_word(messages, "NOT READY"))
		pve_smart_state(s, PVE_SMART_ASLEEP, "asleep");
	else if (tri(o, "smart_support.enabled") == 0 && tri(o, "smart_support.available") == 1)
		pve_smart_state(s, PVE_SMART_OFF, "SMART is disabled");
	else if (has_health(s))
		pve_smart_state(s, PVE_SMART_READ, "%s", "");
	else if (tri(o, "smart_support.available") == 0)
		pve_smart_state(s, PVE_SMART_NONE, "the device has no SMART");
	else if (*m)
		pve_smart_state(s, PVE_SMART_UNKNOWN, "smartctl: %s", m);
	else if (tri(o, "smart_support.available") == 1 && s->exit_status > 0 &&
		 s->exit_status & PVE_SMARTCTL_COMMAND)
		pve_smart_state(s, PVE_SMART_UNKNOWN,
				"refuses the commands of SMART, which may be disabled");
	else
		pve_smart_state(s, PVE_SMART_UNKNOWN, "smartctl told nothing of its health");
}

static void read_report(struct pve_smart *s, const struct pve_jsonval *o)
{
	s->exit_status = (int)number(o, "smartctl.exit_status", 0, 255, -1);
	read_identity(s, o);
	read_general(s, o);
	read_attrs(s, o);
	read_stats(s, o);
	if (s->protocol == PVE_SMART_NVME) {
		read_nvme(s, o);
		read_nvme_errors(s, o);
		read_nvme_tests(s, o);
	} else if (s->protocol == PVE_SMART_SCSI) {
		read_scsi(s, o);
		read_scsi_tests(s, o);
	} else {
		read_ata_errors(s, o);
		read_ata_tests(s, o);
	}
	decide(s, o);
}

void pve_smart_parse(struct pve_smart *s, struct pve_span bytes)
{
	struct pve_jsontext t;
	const struct pve_jsonval *o = pve_jsontext_parse(&t, bytes);

	if (o)
		read_report(s, o);
	else if (!pve_span_trim(bytes).len)
		pve_smart_state(s, PVE_SMART_UNKNOWN, "smartctl printed nothing");
	else if (t.cut)
		pve_smart_state(s, PVE_SMART_UNKNOWN, "the report of smartctl is cut short");
	else
		pve_smart_state(s, PVE_SMART_UNKNOWN,
				"the report of smartctl cannot be read: line %u: %s", t.line,
				t.why);
	pve_jsontext_done(&t);
}

bool pve_smart_parse_scan(struct pve_span bytes,
			  void (*found)(void *to, const char *node, const char *type), void *to)
{
	struct pve_jsontext t;
	const struct pve_jsonval *o = pve_jsontext_parse(&t, bytes), *row = NULL;
	const struct pve_jsonval *devices = pve_jsonval_at(o, "devices");
	struct pve_arena mem = {0};
	bool read = o != NULL;

	for (size_t i = 0; (row = next(devices, row, i)); i++) {
		const char *node = pve_jsonval_str(pve_jsonval_at(row, "name"), &mem);
		const char *type = pve_jsonval_str(pve_jsonval_at(row, "type"), &mem);

		/* A disk that needs a number is behind something. */
		if (node && type && strchr(type, ','))
			found(to, node, type);
	}
	pve_arena_done(&mem);
	pve_jsontext_done(&t);
	return read;
}
