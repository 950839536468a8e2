/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/un.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/span.h"

#include "base/config.h"
#include "config_internal.h"

#define KILO ((uint64_t)1024)
#define MEGA (1024 * KILO)
#define GIGA (1024 * MEGA)
#define SECOND_MS ((uint64_t)1000)
#define DAY_MS (86400 * SECOND_MS)
#define PATH_LONGEST (sizeof(((struct sockaddr_un *)0)->sun_path) - 1)

const struct setting config_settings[] = {
#define ROW(name, kind, member, value, min, max)			\
	{ name, kind, offsetof(struct config, member), value, min, max, NULL }
#define UNUSED(name, member, why)					\
	{ name, KIND_TEXT, offsetof(struct config, member), "", 0, 0, why }
	ROW("socket", KIND_SOCKET, socket,
	    "unix:/var/spool/postfix/vanthu/vanthu.sock", 1, 0),
	ROW("socket_mode", KIND_MODE, socket_mode, "0660", 0, 0777),
	ROW("socket_group", KIND_WORD, socket_group, "postfix", 1, 0),
	ROW("control", KIND_CONTROL, control, RUNSTATEDIR "/vanthu/control", 1, 0),
	ROW("metrics_listen", KIND_LOOPBACK, metrics_listen, "", 0, 0),
	ROW("ledger", KIND_PATH, ledger, LOCALSTATEDIR "/lib/vanthu/ledger", 1, 0),
	ROW("spool", KIND_PATH, spool, LOCALSTATEDIR "/spool/vanthu", 1, 0),
	ROW("policy", KIND_PATH, policy, SYSCONFDIR "/vanthu/policy", 1, 0),
	ROW("keys", KIND_PATH, keys, LOCALSTATEDIR "/lib/vanthu/keys", 1, 0),
	ROW("maillog", KIND_PATH, maillog, "", 0, 0),
	ROW("maillog_writer", KIND_LOG_WRITER, maillog_writer, "auto", 0, 0),
	ROW("user", KIND_WORD, user, "vanthu", 1, 0),
	ROW("group", KIND_WORD, group, "vanthu", 1, 0),
	ROW("header", KIND_HEADER, header, "Vanthu-Document-ID", 1, 0),
	ROW("hostname", KIND_WORD, hostname, NULL, 1, 0),
	ROW("authserv_id", KIND_TEXT, authserv_id, "", 0, 0),
	ROW("min_trust", KIND_UNSIGNED, min_trust, "1", 0, 9),
	ROW("grace", KIND_DURATION, grace_ms, "10m", 0, 30 * DAY_MS),
	ROW("retention", KIND_DURATION, retention_ms, "30 months", DAY_MS,
	    36500 * DAY_MS),
	UNUSED("calendar", calendar, "is not used by this version"),
	ROW("on_error", KIND_ON_ERROR, on_error, "tempfail", 0, 0),
	ROW("success_notices", KIND_SUCCESS_NOTICES, success_notices, "discard", 0, 0),
	ROW("message_size_limit", KIND_SIZE, message_size_limit, "64M", KILO,
	    4 * GIGA),
	ROW("memory_limit", KIND_SIZE, memory_limit, "1M", 0, GIGA),
	ROW("header_size_limit", KIND_SIZE, header_size_limit, "1M", KILO,
	    64 * MEGA),
	ROW("header_count_limit", KIND_COUNT, header_count_limit, "2000", 10,
	    1000000),
	ROW("part_limit", KIND_COUNT, part_limit, "1000", 1, 1000000),
	ROW("depth_limit", KIND_COUNT, depth_limit, "50", 1, 200),
	ROW("text_limit", KIND_SIZE, text_limit, "16M", KILO, GIGA),
	ROW("recipient_limit", KIND_COUNT, recipient_limit, "50000", 1, 1000000),
	ROW("regex_steps", KIND_COUNT, regex_steps, "100000", 100, 100000000),
	ROW("judge_time", KIND_DURATION, judge_time_ms, "5s", 10, 300 * SECOND_MS),
	ROW("session_limit", KIND_COUNT, session_limit, "4096", 1, 1000000),
	ROW("spool_limit", KIND_SIZE, spool_limit, "1G", MEGA, 1024 * GIGA),
	ROW("judge_limit", KIND_COUNT, judge_limit, "0", 0, 100000),
	ROW("extract_limit", KIND_COUNT, extract_limit, "0", 0, 64),
	ROW("extract_time", KIND_DURATION, extract_time_ms, "10s", 100,
	    300 * SECOND_MS),
	ROW("extract_message_time", KIND_DURATION, extract_message_time_ms, "60s",
	    100, 300 * SECOND_MS),
	ROW("extract_memory", KIND_SIZE, extract_memory, "256M", 16 * MEGA,
	    64 * GIGA),
	ROW("extract_cache", KIND_SIZE, extract_cache, "32M", 0, 64 * GIGA),
	ROW("extract_size_limit", KIND_SIZE, extract_size_limit, "64M", MEGA,
	    4 * GIGA),
	ROW("extract_ratio_limit", KIND_COUNT, extract_ratio_limit, "200", 1,
	    1000000),
	ROW("extract_ocr", KIND_TEXT, extract_ocr, "", 0, 0),
	ROW("extract_attachment_limit", KIND_COUNT, extract_attachment_limit, "100",
	    1, 100000),
	ROW("extract_member_limit", KIND_COUNT, extract_member_limit, "1000", 1,
	    100000),
	ROW("extract_depth_limit", KIND_COUNT, extract_depth_limit, "8", 0, 50),
	ROW("ledger_size_limit", KIND_SIZE, ledger_size_limit, "64G", MEGA,
	    16384 * GIGA),
	ROW("drain_time", KIND_DURATION, drain_time_ms, "30s", 0, 3600 * SECOND_MS),
	{ .name = NULL },
#undef ROW
#undef UNUSED
};

_Static_assert(sizeof(config_settings) / sizeof(config_settings[0]) <=
    SETTINGS_MAX + 1, "SETTINGS_MAX is too small");

static bool
has_blank(const char *value)
{
	return value[strcspn(value, " \t")] != '\0';
}

static int
check_path(const char *value, struct err *e)
{
	return value[0] == '/' ? 0 :
	    err_set(e, "'%s' is no path from / on", value);
}

static int
check_bindable(const char *value, struct err *e)
{
	if (check_path(value, e) < 0)
		return -1;
	if (strlen(value) > PATH_LONGEST)
		return err_set(e, "a socket's path has at most %zu bytes",
		    PATH_LONGEST);
	return 0;
}

static int
check_socket(const char *value, struct err *e)
{
	unsigned long port;
	char *end;

	if (strncmp(value, "unix:", 5) == 0)
		return check_bindable(value + 5, e);
	if (strncmp(value, "inet:", 5) == 0 && isdigit((unsigned char)value[5])) {
		port = strtoul(value + 5, &end, 10);
		if (port >= 1 && port <= 65535 && end[0] == '@' &&
		    end[1] != '\0' && !has_blank(value))
			return 0;
	}
	return err_set(e, "'%s' is no socket: write unix:PATH or inet:PORT@HOST",
	    value);
}

static int
check_loopback(const char *value, struct err *e)
{
	static const char *const hosts[] = { "127.0.0.1", "::1", "localhost" };
	const char *host = strchr(value, '@');

	if (check_socket(value, e) < 0)
		return -1;
	if (strncmp(value, "unix:", 5) == 0)
		return 0;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
		if (host != NULL && strcmp(host + 1, hosts[i]) == 0)
			return 0;
	return err_set(e, "'%s' is reached from elsewhere: write unix:PATH or "
	    "inet:PORT@127.0.0.1", value);
}

/* RFC 5322 ftext: printable ASCII but the colon. */
static int
check_header(const char *value, struct err *e)
{
	const char *p;

	for (p = value; *p != '\0'; p++) {
		if (*p <= ' ' || *p > '~' || *p == ':')
			return err_set(e, "'%s' is no name for a header field",
			    value);
	}
	return 0;
}

static int
check_text(const struct setting *set, const char *value, struct err *e)
{
	if (value[0] == '\0')
		return set->min == 0 ? 0 : err_set(e, "a value is missing");
	switch (set->kind) {
	case KIND_WORD:
		return !has_blank(value) ? 0 :
		    err_set(e, "'%s' has a blank in it", value);
	case KIND_PATH:
		return check_path(value, e);
	case KIND_CONTROL:
		return check_bindable(value, e);
	case KIND_LOOPBACK:
		return check_loopback(value, e);
	case KIND_SOCKET:
		return check_socket(value, e);
	case KIND_HEADER:
		return check_header(value, e);
	default:
		return 0;
	}
}

static int
set_text(const struct setting *set, char **at, const char *value, struct err *e)
{
	char *copy;

	if (check_text(set, value, e) < 0)
		return -1;
	copy = strdup(value);
	must(copy != NULL);
	free(*at);
	*at = copy;
	return 0;
}

/* Digits in ${base} and nothing else up to ${*end}. */
static bool
take_digits(const char *value, unsigned base, uint64_t *number, const char **end)
{
	const char *p = value;

	*number = 0;
	for (; *p >= '0' && *p < (char)('0' + base); p++) {
		if (__builtin_mul_overflow(*number, base, number) ||
		    __builtin_add_overflow(*number, *p - '0', number))
			return false;
	}
	*end = p;
	return p != value;
}

static int
parse_size(const char *value, uint64_t *number, struct err *e)
{
	static const char letters[] = "KMG";
	const char *end, *letter = NULL;
	uint64_t unit = 1;

	if (!take_digits(value, 10, number, &end))
		goto fail;
	if (*end != '\0') {
		if ((letter = strchr(letters, toupper((unsigned char)*end))) == NULL)
			goto fail;
		unit = KILO << (10 * (letter - letters));
		end++;
	}
	if (*end == '\0' && !__builtin_mul_overflow(*number, unit, number))
		return 0;
fail:
	return err_set(e, "'%s' is no size: write bytes, or a number and K, M "
	    "or G", value);
}

static int
parse_number(const struct setting *set, const char *value, uint64_t *number,
    struct err *e)
{
	const char *end;
	int64_t ms = 0;

	switch (set->kind) {
	case KIND_MODE:
		if (!take_digits(value, 8, number, &end) || *end != '\0')
			return err_set(e, "'%s' is no mode: write it in octal, "
			    "as 0660", value);
		return 0;
	case KIND_SIZE:
		return parse_size(value, number, e);
	case KIND_DURATION:
		if (clock_duration(value, &ms, e) < 0)
			return -1;
		*number = (uint64_t)ms;
		return 0;
	default:
		if (!take_digits(value, 10, number, &end) || *end != '\0')
			return err_set(e, "'%s' is no number", value);
		return 0;
	}
}

/* ${number} as one would write it in the file. */
static void
print_number(const struct setting *set, uint64_t number, char *text, size_t n)
{
	if (set->kind == KIND_MODE)
		snprintf(text, n, "%04o", (unsigned)number);
	else if (set->kind == KIND_SIZE && number != 0 && number % GIGA == 0)
		snprintf(text, n, "%juG", (uintmax_t)(number / GIGA));
	else if (set->kind == KIND_SIZE && number != 0 && number % MEGA == 0)
		snprintf(text, n, "%juM", (uintmax_t)(number / MEGA));
	else if (set->kind == KIND_SIZE && number != 0 && number % KILO == 0)
		snprintf(text, n, "%juK", (uintmax_t)(number / KILO));
	else if (set->kind == KIND_DURATION && number % DAY_MS == 0)
		snprintf(text, n, "%jud", (uintmax_t)(number / DAY_MS));
	else if (set->kind == KIND_DURATION && number % SECOND_MS == 0)
		snprintf(text, n, "%jus", (uintmax_t)(number / SECOND_MS));
	else
		snprintf(text, n, "%ju%s", (uintmax_t)number,
		    set->kind == KIND_DURATION ? "ms" : "");
}

static int
set_number(const struct setting *set, void *at, const char *value, struct err *e)
{
	char min[32], max[32];
	uint64_t number;

	if (parse_number(set, value, &number, e) < 0)
		return -1;
	if (number < set->min || number > set->max) {
		print_number(set, set->min, min, sizeof(min));
		print_number(set, set->max, max, sizeof(max));
		return err_set(e, "%s is out of range (%s to %s)", value, min, max);
	}
	if (set->kind == KIND_MODE)
		*(mode_t *)at = (mode_t)number;
	else if (set->kind == KIND_UNSIGNED)
		*(unsigned *)at = (unsigned)number;
	else if (set->kind == KIND_DURATION)
		*(int64_t *)at = (int64_t)number;
	else
		*(size_t *)at = (size_t)number;
	return 0;
}

static int
set_success_notices(enum config_success_notices *at, const char *value, struct err *e)
{
	if (strcmp(value, "discard") != 0 && strcmp(value, "pass") != 0)
		return err_set(e, "'%s' is none of discard, pass", value);
	*at = value[0] == 'd' ? SUCCESS_NOTICES_DISCARD : SUCCESS_NOTICES_PASS;
	return 0;
}

static int
set_on_error(enum config_on_error *at, const char *value, struct err *e)
{
	static const char *const words[] = {
		[ON_ERROR_TEMPFAIL] = "tempfail",
		[ON_ERROR_ACCEPT] = "accept",
		[ON_ERROR_REJECT] = "reject",
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(value, words[i]) == 0) {
			*at = (enum config_on_error)i;
			return 0;
		}
	}
	return err_set(e, "'%s' is none of tempfail, accept, reject", value);
}

static int
set_log_writer(enum config_log_writer *at, const char *value, struct err *e)
{
	static const char *const words[] = {
		[LOG_WRITER_AUTO] = "auto",
		[LOG_WRITER_POSTLOGD] = "postlogd",
		[LOG_WRITER_SYSLOG] = "syslog",
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(value, words[i]) == 0) {
			*at = (enum config_log_writer)i;
			return 0;
		}
	}
	return err_set(e, "'%s' is none of auto, postlogd, syslog", value);
}

int
setting_put(const struct setting *set, struct config *c, const char *value,
    struct err *e)
{
	void *at = (char *)c + set->at;

	if (set->kind <= KIND_HEADER)
		return set_text(set, at, value, e);
	if (set->kind == KIND_ON_ERROR)
		return set_on_error(at, value, e);
	if (set->kind == KIND_LOG_WRITER)
		return set_log_writer(at, value, e);
	if (set->kind == KIND_SUCCESS_NOTICES)
		return set_success_notices(at, value, e);
	return set_number(set, at, value, e);
}

static void
host_name(char *name, size_t n)
{
	if (gethostname(name, n) < 0 || name[0] == '\0' || has_blank(name))
		strcpy(name, "localhost");
	name[n - 1] = '\0';
}

void
config_default(struct config *c)
{
	char name[256] = "";
	struct err e;
	size_t i;

	*c = (struct config){ 0 };
	host_name(name, sizeof(name));
	for (i = 0; config_settings[i].name != NULL; i++)
		must(setting_put(&config_settings[i], c, config_settings[i].value != NULL ?
		    config_settings[i].value : name, &e) == 0);
}

void
config_end(struct config *c)
{
	char **at;
	size_t i;

	for (i = 0; config_settings[i].name != NULL; i++) {
		if (config_settings[i].kind > KIND_HEADER)
			continue;
		at = (char **)(void *)((char *)c + config_settings[i].at);
		free(*at);
		*at = NULL;
	}
}
