/* SPDX-License-Identifier: BSD-2-Clause */
#include <arpa/inet.h>

#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/regex.h"
#include "ctl/json.h"
#include "ctl/options.h"
#include "ctl/table.h"
#include "ledger/shadow.h"
#include "mail/address.h"
#include "policy/policy.h"
#include "policy/verdict.h"

#include "verb_internal.h"

static const char *const formats[] = { "table", "json", NULL };

static const struct option_rule known[] = {
	{ "sender", OPTION_VALUE }, { "recipient", OPTION_LIST },
	{ "client", OPTION_VALUE }, { "login", OPTION_VALUE },
	{ "date", OPTION_VALUE }, { "policy", OPTION_VALUE },
	{ "format", OPTION_VALUE }, { NULL, OPTION_FLAG },
};

/* What is asked. */
struct question {
	const char *message;
	const char *policy;	/* NULL: the configured one */
	struct letter letter;
	bool is_json;
};

static void
put_hits(struct json *j, const struct rule_result *r)
{
	size_t i, offset, length;

	json_begin(j, '[');
	for (i = 0; i < r->hit_count; i++) {
		hit_place(&r->hits[i], &offset, &length);
		json_begin(j, '{');
		json_key(j, "view");
		json_text_or_null(j, span_of(r->hits[i].view));
		json_key(j, "part");
		json_text_or_null(j, span_of(r->hits[i].part));
		json_key(j, "offset");
		json_number(j, (int64_t)offset);
		json_key(j, "length");
		json_number(j, (int64_t)length);
		json_end(j, '}');
	}
	json_end(j, ']');
}

static void
put_rule(struct json *j, const struct policy *p, size_t i,
    const struct rule_result *r)
{
	json_begin(j, '{');
	json_key(j, "name");
	json_text(j, span_of(r->name));
	json_key(j, "file");
	json_text_or_null(j, span_of(r->file));
	json_key(j, "line");
	json_number(j, (int64_t)r->line);
	json_key(j, "result");
	json_text(j, span_of(truth_name(r->truth)));
	json_key(j, "reason");
	json_text_or_null(j, span_of(r->reason));
	json_key(j, "hits");
	put_hits(j, r);
	json_key(j, "shadow");
	json_bool(j, r->is_shadow);
	json_key(j, "says");
	json_text_or_null(j, span_of(policy_rule_says(p, i)));
	json_key(j, "basis");
	json_text_or_null(j, span_of(policy_rule_basis(p, i)));
	json_end(j, '}');
}

/* They come in order of name, and so the one that speaks is the first. */
static void
put_deciding(struct json *j, const struct verdict *v)
{
	json_begin(j, '[');
	for (size_t i = 0; i < v->rule_count; i++) {
		const struct rule_result *r = &v->rules[i];

		if (r->acted && r->action == v->action)
			json_text(j, span_of(r->name));
	}
	json_end(j, ']');
}

static void
put_addresses(struct json *j, const char *key, const struct span *list, size_t n)
{
	json_key(j, key);
	json_begin(j, '[');
	for (size_t i = 0; i < n; i++)
		json_text(j, list[i]);
	json_end(j, ']');
}

static const char *
change_name(enum change_kind kind)
{
	switch (kind) {
	case CHANGE_ADD_HEADER:
		return "add";
	case CHANGE_REPLACE_HEADER:
		return "replace";
	case CHANGE_REMOVE_HEADER:
		return "remove";
	default:
		return "tag";
	}
}

static void
put_changes(struct json *j, const struct verdict *v)
{
	json_begin(j, '[');
	for (size_t i = 0; i < v->change_count; i++) {
		json_begin(j, '{');
		json_key(j, "change");
		json_text(j, span_of(change_name(v->changes[i].kind)));
		json_key(j, "name");
		json_text(j, span_of(v->changes[i].name));
		json_key(j, "value");
		json_text_or_null(j, v->changes[i].value);
		json_end(j, '}');
	}
	json_end(j, ']');
}

static void
put_verdict(struct json *j, const struct verdict *v)
{
	char due[CLOCK_TEXT_SIZE];

	json_begin(j, '{');
	json_key(j, "action");
	json_text(j, span_of(action_name(v->action)));
	json_key(j, "code");
	json_text_or_null(j, span_of(v->code));
	json_key(j, "enhanced");
	json_text_or_null(j, span_of(v->enhanced));
	json_key(j, "text");
	json_text_or_null(j, span_of(v->text));
	json_key(j, "rules");
	put_deciding(j, v);
	json_key(j, "track");
	json_bool(j, v->is_tracked);
	json_key(j, "number");
	json_text_or_null(j, v->number);
	json_key(j, "due");
	json_text_or_null(j, span_of(v->due_ms != 0 ?
	    clock_print(v->due_ms, due) : NULL));
	put_addresses(j, "add", v->copies, v->copy_count);
	put_addresses(j, "remove", v->removals, v->removal_count);
	json_key(j, "headers");
	put_changes(j, v);
	json_end(j, '}');
}

static void
put_json(const struct policy *p, const struct verdict *v)
{
	struct json j = { .out = stdout };
	size_t i;

	json_begin(&j, '{');
	json_key(&j, "sender_class");
	json_text(&j, span_of(sender_class_name(v->sender_class)));
	json_key(&j, "verdict");
	put_verdict(&j, v);
	json_key(&j, "rules");
	json_begin(&j, '[');
	for (i = 0; i < v->rule_count; i++)
		put_rule(&j, p, i, &v->rules[i]);
	json_end(&j, ']');
	json_end(&j, '}');
}

static void
print_changes(const struct verdict *v)
{
	char due[CLOCK_TEXT_SIZE];

	if (v->due_ms != 0)
		printf("due      %s\n", clock_print(v->due_ms, due));
	for (size_t i = 0; i < v->copy_count; i++)
		printf("adds     <%.*s>\n", SPAN_PRINT(v->copies[i]));
	for (size_t i = 0; i < v->removal_count; i++)
		printf("removes  <%.*s>\n", SPAN_PRINT(v->removals[i]));
	for (size_t i = 0; i < v->change_count; i++)
		printf("header   %s %s %.*s\n", change_name(v->changes[i].kind),
		    v->changes[i].name, SPAN_PRINT(v->changes[i].value));
}

static void
print_verdict(const struct verdict *v)
{
	printf("sender   %s\nverdict  %s", sender_class_name(v->sender_class),
	    action_name(v->action));
	if (v->code != NULL)
		printf(" %s %s", v->code, v->enhanced != NULL ? v->enhanced : "");
	if (v->text != NULL)
		printf(" \"%s\"", v->text);
	if (v->rule != NULL)
		printf(" by %s", v->rule);
	putchar('\n');
	if (v->is_tracked)
		printf("tracked  by %s, number %.*s\n", v->track_rule,
		    SPAN_PRINT(v->number.n != 0 ? v->number : span_of("none")));
	print_changes(v);
	putchar('\n');
}

static const char *
where(struct arena *a, const struct rule_result *r)
{
	size_t offset, length;

	if (r->reason != NULL)
		return r->reason;
	if (r->hit_count == 0)
		return "";
	hit_place(&r->hits[0], &offset, &length);
	return arena_print(a, "%s %s at %zu, %zu bytes%s", r->hits[0].part,
	    r->hits[0].view, offset, length,
	    r->hit_count > 1 ? ", and more" : "");
}

static enum paint
paint_result(struct span result)
{
	if (span_is(result, "yes"))
		return PAINT_GOOD;
	return span_is(result, "unknown") ? PAINT_BAD : PAINT_NONE;
}

/* Why a rule that had something to say is there at all. */
static void
print_reasons(const struct policy *p, const struct verdict *v)
{
	const char *says, *basis, *gap = "\n";
	size_t i;

	for (i = 0; i < v->rule_count; i++) {
		says = policy_rule_says(p, i);
		basis = policy_rule_basis(p, i);
		if (v->rules[i].truth == TRUTH_NO || (says == NULL && basis == NULL))
			continue;
		printf("%s%s: %s%s%s\n", gap, v->rules[i].name,
		    says != NULL ? says : "", says != NULL && basis != NULL ?
		    "; " : "", basis != NULL ? basis : "");
		gap = "";
	}
}

static void
print_table(const struct context *ctx, struct arena *a, const struct policy *p,
    const struct verdict *v)
{
	static const char *const headings[] = { "RULE", "RESULT", "SHADOW",
	    "WHERE", "FILE" };
	struct table *t = table_new(a, headings, 5);
	size_t i;

	print_verdict(v);
	table_paint(t, 1, paint_result);
	for (i = 0; i < v->rule_count; i++) {
		const struct rule_result *r = &v->rules[i];

		table_cell(t, span_of(r->name));
		table_cell(t, span_of(truth_name(r->truth)));
		table_cell(t, span_of(r->is_shadow ? "shadow" : ""));
		table_cell(t, span_of(where(a, r)));
		table_cell(t, span_of(arena_print(a, "%s:%zu", r->file, r->line)));
	}
	table_print(t, stdout, ctx->width, ctx->has_color);
	print_reasons(p, v);
}

/* As milterd reads it: the attachments of nobody but ministry senders are looked into. */
static int
read_letter(struct arena *a, const struct config *c, const struct policy *p,
    struct question *q)
{
	struct extractor x;
	struct message *m;
	int status = context_extractor(c, &x);

	if (status != STATUS_FINE)
		return status;
	if ((status = context_message(a, q->message, c, &m)) != STATUS_FINE)
		goto out;
	q->letter.message = m;
	q->letter.now_ms = clock_now_ms();
	q->letter.authserv_ids = span_of(c->authserv_id);
	if (policy_classify(p, &q->letter) == SENDER_MINISTRY)
		context_extract(&x, a, c, m);
out:
	context_extractor_end(&x);
	return status;
}

/* The configured policy is judged by as the daemon does, shadows included. */
static void
shadow_rules(struct arena *a, const struct config *c, struct question *q)
{
	struct err e;
	struct shadows *s = shadows_open(c->ledger, &e);
	const struct shadow *list;
	struct shadowing *shadowing;
	size_t n;

	if (s == NULL) {
		fail(STATUS_FINE, "which rules are in shadow cannot be told: %s",
		    e.text);
		return;
	}
	list = shadows_at(s, q->letter.now_ms, a, &n);
	shadowing = ARENA_ARRAY(a, struct shadowing, n + 1);
	for (size_t i = 0; i < n; i++)
		shadowing[i] = (struct shadowing){ list[i].rule, list[i].until_ms };
	q->letter.shadowing = shadowing;
	q->letter.shadowing_count = n;
	shadows_free(s);
}

static int
explain(const struct context *ctx, struct arena *a, const struct config *c,
    struct question *q)
{
	struct regex_scratch *scratch;
	const struct verdict *v;
	struct policy *p = NULL;
	int status;

	status = context_policy(q->policy != NULL ? q->policy : c->policy, &p);
	if (status != STATUS_FINE)
		return status;
	if ((status = read_letter(a, c, p, q)) != STATUS_FINE)
		goto out;
	if (q->policy == NULL)
		shadow_rules(a, c, q);
	scratch = regex_scratch_new((uint32_t)c->regex_steps,
	    clock_monotonic_ms() + c->judge_time_ms);
	v = policy_judge(p, &q->letter, a, scratch);
	if (q->is_json)
		put_json(p, v);
	else
		print_table(ctx, a, p, v);
	regex_scratch_free(scratch);
out:
	policy_free(p);
	return status;
}

static int
parse_client(const char *text, struct letter *l, struct err *e)
{
	unsigned char room[sizeof(struct in6_addr)];

	if (text == NULL)
		return 0;
	if (inet_pton(AF_INET, text, room) != 1 &&
	    inet_pton(AF_INET6, text, room) != 1)
		return err_set(e, "--client: '%s' is no IP address", text);
	l->client = span_of(text);
	return 0;
}

/* Rules that look at the clock shall see that time. */
static int
parse_date(const char *text, struct err *e)
{
	int64_t ms;

	if (text == NULL)
		return 0;
	if (clock_parse(text, clock_now_ms(), &ms, e) < 0)
		return err_prefix(e, "--date");
	clock_set(ms);
	return 0;
}

static void
take_recipients(struct arena *a, const struct options *o, struct letter *l)
{
	struct span *list = ARENA_ARRAY(a, struct span, o->given_count + 1);
	const char *value;
	size_t at = 0;

	while ((value = options_next(o, "recipient", &at)) != NULL)
		list[l->recipient_count++] = address_canonical(a, span_of(value));
	l->recipients = list;
}

static int
parse(struct arena *a, const struct options *o, struct question *q, struct err *e)
{
	struct letter *l = &q->letter;
	int format;

	if (o->operand_count != 1)
		return err_set(e, "explain needs one MESSAGE");
	if (options_get(o, "sender") == NULL)
		return err_set(e, "--sender is needed");
	if (options_get(o, "recipient") == NULL)
		return err_set(e, "--recipient is needed");
	format = options_choice("format", options_get(o, "format"), formats, e);
	if (format < 0)
		return -1;
	q->is_json = format == 1;
	q->message = o->operands[0];
	q->policy = options_get(o, "policy");
	l->sender = address_canonical(a, span_of(options_get(o, "sender")));
	take_recipients(a, o, l);
	l->login = span_of(options_get(o, "login"));
	l->is_authenticated = options_get(o, "login") == NULL &&
	    options_get(o, "client") == NULL;
	if (parse_client(options_get(o, "client"), l, e) < 0)
		return -1;
	return parse_date(options_get(o, "date"), e);
}

int
explain_run(const struct context *ctx, struct arena *a, int argc, char **argv)
{
	struct question q = { .message = NULL };
	struct options o;
	struct config c;
	struct err e;
	int status;

	if (verb_options("policy", a, known, argc, argv, &o) != 0)
		return STATUS_USAGE;
	if (parse(a, &o, &q, &e) < 0)
		return fail_usage("policy", "%s", e.text);
	status = context_config(ctx, q.policy == NULL, &c);
	if (status != STATUS_FINE)
		return status;
	status = explain(ctx, a, &c, &q);
	config_end(&c);
	return status;
}
