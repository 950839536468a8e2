/* SPDX-License-Identifier: BSD-2-Clause */
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "filter/desk.h"
#include "filter/metrics.h"
#include "filter/socket.h"

#include "filter/http.h"

/* Whoever reads metrics comes alone and takes one page. */
#define CONNECTIONS 16
#define CONNECTION_BYTES ((size_t)32 * 1024)
#define PATIENCE_S 10

static enum MHD_Result
answer(struct MHD_Connection *connection, unsigned status, const char *type,
    char *text, size_t n)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(n, text,
	    MHD_RESPMEM_MUST_FREE);
	enum MHD_Result rc;

	must(response != NULL);
	MHD_add_response_header(response, "Content-Type", type);
	rc = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return rc;
}

static enum MHD_Result
refuse(struct MHD_Connection *connection, unsigned status, const char *words)
{
	char *text = strdup(words);

	must(text != NULL);
	return answer(connection, status, "text/plain; charset=utf-8", text,
	    strlen(text));
}

static enum MHD_Result
answer_metrics(struct MHD_Connection *connection, struct desk *d)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	must(out != NULL);
	metrics_print(d, out);
	must(fclose(out) == 0);
	return answer(connection, MHD_HTTP_OK,
	    "text/plain; version=0.0.4; charset=utf-8", text, n);
}

static enum MHD_Result
serve(void *cookie, struct MHD_Connection *connection, const char *path,
    const char *method, const char *version, const char *data, size_t *size,
    void **request)
{
	(void)version;
	(void)data;
	(void)request;
	if (*size != 0) {	/* nobody has anything to tell us */
		*size = 0;
		return MHD_YES;
	}
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
		return refuse(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
		    "only GET and HEAD\n");
	if (strcmp(path, "/metrics") != 0)
		return refuse(connection, MHD_HTTP_NOT_FOUND, "see /metrics\n");
	return answer_metrics(connection, cookie);
}

int
http_start(struct desk *d, struct err *e)
{
	const char *where = d->config.metrics_listen;
	int fd;

	if (where[0] == '\0')
		return 0;
	if (socket_clear(where, e) < 0 || (fd = socket_listen(where, e)) < 0 ||
	    socket_share(where, 0660, d->config.group, e) < 0)
		return err_prefix(e, "metrics_listen");
	if (MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL, 0,
	    NULL, NULL, serve, d, MHD_OPTION_LISTEN_SOCKET, fd,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_BYTES,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)PATIENCE_S,
	    MHD_OPTION_END) != NULL)
		return 0;
	close(fd);
	return err_set(e, "metrics_listen: cannot serve %s", where);
}
