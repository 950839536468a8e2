/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "ledger/query.h"
#include "ledger/writer.h"
#include "mail/address.h"
#include "track/docid.h"

#include "ledger/operator.h"

#define NOTE_LONGEST 300

/* Those that an operator's word moves (track/receipt). */
const char *const operator_codes[] = {
	"delivered", "displayed", "replied", "registered", "assigned",
	"processing", "completed", "refused", "recall", "recall-agreed",
	"recall-declined", NULL
};

static int
read_code(struct span text, enum evidence_code *code, struct err *e)
{
	for (size_t i = 0; operator_codes[i] != NULL; i++) {
		if (!span_is(text, operator_codes[i]))
			continue;
		*code = (enum evidence_code)evidence_code_parse(
		    span_of(operator_codes[i]));
		return 1;
	}
	err_set(e, "'%.*s' is none of delivered, displayed, replied, registered, "
	    "assigned, processing, completed, refused, recall, recall-agreed, "
	    "recall-declined", SPAN_PRINT(text));
	return 0;
}

/* Only a recipient of that document can have acknowledged it. */
static int
find_recipient(struct store *s, struct arena *a, const struct operator_word *word,
    struct finding *f, struct err *e)
{
	struct span who = address_canonical(a, word->recipient);
	struct receipt_rules rules = { .now_ms = clock_now_ms() };
	struct receipt *rows;
	size_t n = 0;
	int rc = 0;

	if (docid_parse(word->id, &f->id))
		rc = query_document(s, f->id.uuid, a, &rules, &rows, &n, e);
	if (rc < 0)
		return -1;
	if (rc == 0 || memcmp(&rows[0].document->id, &f->id, sizeof(f->id)) != 0) {
		err_set(e, "there is no document '%.*s'", SPAN_PRINT(word->id));
		return 0;
	}
	for (size_t i = 0; i < n; i++) {
		if (!span_equal_nocase(rows[i].addressee.address, who))
			continue;
		f->recipient = rows[i].addressee.address;
		return 1;
	}
	err_set(e, "that document did not go to '%.*s'", SPAN_PRINT(who));
	return 0;
}

static int
fill(struct store *s, struct arena *a, const struct operator_word *word,
    struct finding *f, struct err *e)
{
	int64_t now_ms = clock_now_ms();
	int rc;

	f->evidence = (struct evidence){ .source = SOURCE_OPERATOR,
	    .trust = TRUST_OURS, .reporter = span_of(word->name),
	    .reason = word->note, .claimed_ms = now_ms, .seen_ms = now_ms };
	if (word->note.n > NOTE_LONGEST) {
		err_set(e, "a note has at most %d bytes", NOTE_LONGEST);
		return 0;
	}
	rc = read_code(word->code, &f->evidence.code, e);
	if (rc == 1)
		rc = find_recipient(s, a, word, f, e);
	digest_fields(&word->note, 1, f->evidence.digest);
	return rc;
}

int
operator_record(struct store *s, struct writer *w,
    const struct operator_word *word, struct err *e)
{
	struct arena *a = arena_new();
	struct finding f = { .recipient = { NULL, 0 } };
	int rc = fill(s, a, word, &f, e);

	if (rc == 1 && writer_find(w, &f, 1, e) < 0)
		rc = -1;
	arena_free(a);
	return rc;
}
