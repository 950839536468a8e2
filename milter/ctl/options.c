/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fault.h"
#include "base/span.h"

#include "ctl/options.h"

static const struct option_rule common[] = {
	{ "no-color", OPTION_FLAG },
	{ NULL, OPTION_FLAG },
};

static const struct option_rule *
find(const struct option_rule *rules, struct span name)
{
	for (; rules->name != NULL; rules++) {
		if (span_equal(span_of(rules->name), name))
			return rules;
	}
	return NULL;
}

static int
unknown(struct arena *a, const struct option_rule *known, struct span name,
    struct err *e)
{
	const char **names, *near;
	size_t n = 0;

	while (known[n].name != NULL)
		n++;
	names = ARENA_ARRAY(a, const char *, n + 1);
	for (n = 0; known[n].name != NULL; n++)
		names[n] = known[n].name;
	if ((near = fault_suggest(name, names)) != NULL)
		return err_set(e, "unknown option --%.*s (did you mean --%s?)",
		    SPAN_PRINT(name), near);
	return err_set(e, "unknown option --%.*s", SPAN_PRINT(name));
}

static int
take(struct options *o, const struct option_rule *rule, const char *value,
    struct err *e)
{
	if (rule->kind == OPTION_VALUE && options_get(o, rule->name) != NULL)
		return err_set(e, "--%s is given twice", rule->name);
	o->given[o->given_count++] =
	    (struct option_given){ rule->name, value };
	return 0;
}

/* One option; ${*i} moves on to its value if that is the next word. */
static int
take_option(struct arena *a, const struct option_rule *known, int argc,
    char **argv, int *i, struct options *o, struct err *e)
{
	struct span word = span_of(argv[*i] + 2), name;
	size_t equals = span_find_byte(word, '=');
	bool has_value = equals != word.n;
	const struct option_rule *rule;

	name = span_sub(word, 0, equals);
	if ((rule = find(known, name)) == NULL)
		rule = find(common, name);
	if (rule == NULL)
		return unknown(a, known, name, e);
	if (rule->kind == OPTION_LATER)
		return err_set(e, "--%s comes with a later version", rule->name);
	if (rule->kind == OPTION_FLAG && has_value)
		return err_set(e, "--%s takes no value", rule->name);
	if (rule->kind == OPTION_FLAG)
		return take(o, rule, "", e);
	if (has_value)
		return take(o, rule, word.p + equals + 1, e);
	if (*i + 1 == argc)
		return err_set(e, "--%s needs a value", rule->name);
	return take(o, rule, argv[++*i], e);
}

static int
bad_short(const char *word, struct err *e)
{
	if (strncmp(word, "-c", 2) == 0)
		return err_set(e, "-c FILE goes before the verb");
	return err_set(e, "unknown option %s", word);
}

int
options_parse(struct arena *a, const struct option_rule *known, int argc,
    char **argv, struct options *o, struct err *e)
{
	bool is_over = false;
	int i;

	*o = (struct options){ 0 };
	o->given = ARENA_ARRAY(a, struct option_given, (size_t)argc + 1);
	o->operands = ARENA_ARRAY(a, const char *, (size_t)argc + 1);
	for (i = 0; i < argc; i++) {
		if (is_over || argv[i][0] != '-' || argv[i][1] == '\0')
			o->operands[o->operand_count++] = argv[i];
		else if (strcmp(argv[i], "--") == 0)
			is_over = true;
		else if (argv[i][1] != '-')
			return bad_short(argv[i], e);
		else if (take_option(a, known, argc, argv, &i, o, e) < 0)
			return -1;
	}
	return 0;
}

const char *
options_next(const struct options *o, const char *name, size_t *at)
{
	while (*at < o->given_count) {
		if (strcmp(o->given[(*at)++].name, name) == 0)
			return o->given[*at - 1].value;
	}
	return NULL;
}

const char *
options_get(const struct options *o, const char *name)
{
	size_t at = 0;

	return options_next(o, name, &at);
}

int
options_choice(const char *what, const char *word, const char *const *choices,
    struct err *e)
{
	const char *near;
	int i;

	for (i = 0; word != NULL && choices[i] != NULL; i++) {
		if (strcmp(word, choices[i]) == 0)
			return i;
	}
	if (word == NULL)
		return 0;
	if ((near = fault_suggest(span_of(word), choices)) != NULL)
		return err_set(e, "unknown %s '%s' (did you mean '%s'?)", what,
		    word, near);
	err_set(e, "unknown %s '%s'; known are:", what, word);
	for (i = 0; choices[i] != NULL; i++) {
		size_t n = strlen(e->text);

		if (n + strlen(choices[i]) + 2 < sizeof(e->text))
			sprintf(e->text + n, " %s", choices[i]);
	}
	return -1;
}

int
options_count(const char *name, const char *word, uint64_t least, uint64_t *n,
    struct err *e)
{
	char *end;

	*n = 0;
	if (word == NULL)
		return 0;
	*n = strtoull(word, &end, 10);
	if (word[0] < '0' || word[0] > '9' || *end != '\0' || *n < least ||
	    *n > INT64_MAX)
		return err_set(e, "--%s: '%s' is no number from %" PRIu64 " on", name,
		    word, least);
	return 0;
}
