/* SPDX-License-Identifier: BSD-2-Clause */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <stdbool.h>
#include <string.h>

#include <libmilter/mfapi.h>

#include "base/err.h"
#include "base/log.h"
#include "filter/desk.h"
#include "filter/session.h"
#include "filter/socket.h"

#include "filter/mfapi.h"

/* libmilter hands nothing of ours to xxfi_connect: the desk stands here. */
static struct desk *the_desk;

#define STEPS_NOT_WANTED (SMFIP_NOHELO | SMFIP_NOUNKNOWN | SMFIP_NODATA)
#define STEPS_NOT_ANSWERED (SMFIP_NR_CONN | SMFIP_NR_MAIL | SMFIP_NR_RCPT | \
    SMFIP_NR_HDR | SMFIP_NR_BODY)
#define ACTIONS (SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_CHGFROM | \
    SMFIF_ADDRCPT | SMFIF_DELRCPT | SMFIF_QUARANTINE)

static sfsistat
on_negotiate(SMFICTX *ctx, unsigned long actions, unsigned long steps,
    unsigned long u1, unsigned long u2, unsigned long *want_actions,
    unsigned long *want_steps, unsigned long *o1, unsigned long *o2)
{
	(void)ctx;
	(void)u1;
	(void)u2;
	if ((actions & ACTIONS) != ACTIONS ||
	    (steps & STEPS_NOT_ANSWERED) != STEPS_NOT_ANSWERED) {
		log_event(LOG_LEVEL_ERROR, "negotiate-failed", "reason",
		    "the MTA is too old for the milter protocol 6", NULL);
		return SMFIS_REJECT;
	}
	*want_actions = ACTIONS;
	*want_steps = (steps & STEPS_NOT_WANTED) | STEPS_NOT_ANSWERED;
	*o1 = *o2 = 0;
	return SMFIS_CONTINUE;
}

/* libmilter does not say const. */
static const char *
macro(SMFICTX *ctx, const char *name)
{
	return smfi_getsymval(ctx, (char *)name);
}

static sfsistat
on_connect(SMFICTX *ctx, char *host, _SOCK_ADDR *address)
{
	char client[INET6_ADDRSTRLEN] = "";

	(void)host;
	if (address != NULL && address->sa_family == AF_INET)
		inet_ntop(AF_INET, &((struct sockaddr_in *)address)->sin_addr,
		    client, sizeof(client));
	if (address != NULL && address->sa_family == AF_INET6)
		inet_ntop(AF_INET6, &((struct sockaddr_in6 *)address)->sin6_addr,
		    client, sizeof(client));
	smfi_setpriv(ctx, session_new(the_desk, client, macro(ctx, "j")));
	return SMFIS_NOREPLY;
}

static sfsistat
on_mail(SMFICTX *ctx, char **argv)
{
	struct session *s = smfi_getpriv(ctx);

	/* Postfix's own notices have an empty MAIL packet. */
	session_mail(s, argv[0] != NULL ? argv[0] : "",
	    argv[0] != NULL ? argv + 1 : NULL,
	    macro(ctx, "{auth_authen}"));
	return SMFIS_NOREPLY;
}

static sfsistat
on_recipient(SMFICTX *ctx, char **argv)
{
	if (argv[0] != NULL)
		session_recipient(smfi_getpriv(ctx), argv[0], argv + 1);
	return SMFIS_NOREPLY;
}

static sfsistat
on_header(SMFICTX *ctx, char *name, char *value)
{
	session_header(smfi_getpriv(ctx), name, value);
	return SMFIS_NOREPLY;
}

static void
send_edit(SMFICTX *ctx, const struct edit *e)
{
	int rc = MI_FAILURE;

	switch (e->kind) {
	case EDIT_DELETE_HEADER:
		rc = smfi_chgheader(ctx, (char *)e->name, (int)e->index, NULL);
		break;
	case EDIT_INSERT_HEADER:
		rc = smfi_insheader(ctx, (int)e->index, (char *)e->name,
		    (char *)e->value);
		break;
	case EDIT_ADD_RECIPIENT:
		rc = smfi_addrcpt(ctx, (char *)e->value);
		break;
	case EDIT_DELETE_RECIPIENT:
		rc = smfi_delrcpt(ctx, (char *)e->value);
		break;
	case EDIT_CHANGE_SENDER:
		rc = smfi_chgfrom(ctx, (char *)e->value, (char *)e->arguments);
		break;
	}
	if (rc != MI_SUCCESS)
		log_event(LOG_LEVEL_ERROR, "edit-failed", "header", e->name, NULL);
}

/* smfi_setmlreply reads its text as a format: every % twice. */
static void
send_reply(SMFICTX *ctx, const struct answer *a)
{
	char text[981];
	size_t n = 0;

	for (const char *p = a->text; *p != '\0' && n < sizeof(text) - 2; p++) {
		if (*p == '%')
			text[n++] = '%';
		text[n++] = *p;
	}
	text[n] = '\0';
	if (smfi_setmlreply(ctx, a->code, a->enhanced, text, NULL) != MI_SUCCESS)
		log_event(LOG_LEVEL_ERROR, "reply-failed", "code", a->code, NULL);
}

static sfsistat
send_answer(SMFICTX *ctx, const struct answer *a)
{
	for (size_t i = 0; i < a->edits.count; i++)
		send_edit(ctx, &a->edits.list[i]);
	switch (a->reply) {
	case REPLY_ACCEPT:
		return SMFIS_ACCEPT;
	case REPLY_REJECT:
		send_reply(ctx, a);
		return SMFIS_REJECT;
	case REPLY_TEMPFAIL:
		send_reply(ctx, a);
		return SMFIS_TEMPFAIL;
	case REPLY_DISCARD:
		return SMFIS_DISCARD;
	case REPLY_HOLD:
		if (smfi_quarantine(ctx, (char *)a->text) != MI_SUCCESS)
			return SMFIS_TEMPFAIL;
		return SMFIS_CONTINUE;
	default:
		return SMFIS_CONTINUE;
	}
}

static sfsistat
on_headers_end(SMFICTX *ctx)
{
	struct answer answer;

	session_headers_end(smfi_getpriv(ctx), &answer);
	return send_answer(ctx, &answer);
}

static sfsistat
on_body(SMFICTX *ctx, unsigned char *bytes, size_t n)
{
	session_body(smfi_getpriv(ctx), (struct span){ (char *)bytes, n });
	return SMFIS_NOREPLY;
}

static sfsistat
on_end(SMFICTX *ctx)
{
	struct session *s = smfi_getpriv(ctx);
	struct answer answer;
	sfsistat rc;

	session_end(s, macro(ctx, "i"), &answer);
	rc = send_answer(ctx, &answer);
	session_abort(s);
	return rc;
}

static sfsistat
on_abort(SMFICTX *ctx)
{
	struct session *s = smfi_getpriv(ctx);

	if (s != NULL)
		session_abort(s);
	return SMFIS_CONTINUE;
}

static sfsistat
on_close(SMFICTX *ctx)
{
	session_free(smfi_getpriv(ctx));
	smfi_setpriv(ctx, NULL);
	return SMFIS_CONTINUE;
}

static struct smfiDesc description = {
	.xxfi_name = (char *)"vanthu",
	.xxfi_version = SMFI_VERSION,
	.xxfi_flags = ACTIONS,
	.xxfi_connect = on_connect,
	.xxfi_envfrom = on_mail,
	.xxfi_envrcpt = on_recipient,
	.xxfi_header = on_header,
	.xxfi_eoh = on_headers_end,
	.xxfi_body = on_body,
	.xxfi_eom = on_end,
	.xxfi_abort = on_abort,
	.xxfi_close = on_close,
	.xxfi_negotiate = on_negotiate,
};

int
mfapi_bind(struct desk *d, struct err *e)
{
	const char *where = d->config.socket;

	the_desk = d;
	if (socket_clear(where, e) < 0)
		return -1;
	if (smfi_setconn((char *)where) != MI_SUCCESS)
		return err_set(e, "%s: libmilter cannot use this socket", where);
	if (smfi_register(description) != MI_SUCCESS)
		return err_set(e, "libmilter refuses to register");
	smfi_setmaxdatasize(1024 * 1024);
	smfi_setbacklog(1024);
	if (smfi_opensocket(false) != MI_SUCCESS)
		return err_errno(e, "%s: cannot bind; is its folder there and "
		    "writable, and the port free?", where);
	return socket_share(where, d->config.socket_mode,
	    d->config.socket_group, e);
}

int
mfapi_serve(void)
{
	return smfi_main() == MI_SUCCESS ? 0 : -1;
}

void
mfapi_stop(void)
{
	smfi_stop();
}
