/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EXTRACT_FORMAT_INTERNAL_H
#define EXTRACT_FORMAT_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/span.h"
#include "base/xml.h"
#include "mail/mime.h"

#include "extract/format.h"

struct sink;

/* The formats, each in the file of its name. */
extern const struct format format_archive;	/* zip, 7z, rar, tar, cpio, cab */
extern const struct format format_stream;	/* one compressed file: gz, bz2, xz */
extern const struct format format_cms;		/* S/MIME: DER of RFC 5652 */
extern const struct format format_html;
extern const struct format format_mail;
extern const struct format format_odf;
extern const struct format format_ole;		/* DOC, XLS, PPT, MSG */
extern const struct format format_ooxml;
extern const struct format format_pdf;
extern const struct format format_pgp;
extern const struct format format_rtf;
extern const struct format format_text;
extern const struct format format_tnef;
extern const struct format format_xls;		/* Excel 3, 4; later ones are compound */
extern const struct format format_xml;

/*
 * format_pen: writes characters, as UTF-8, into a sink; begin with { .sink = s }.
 * Blank lines are dropped.  Once the sink says stop, pen.stopped stays true.
 */
struct pen {
	struct sink *sink;
	struct buffer *hold;	/* if not NULL, gets the text instead of the sink */
	size_t n;
	uint32_t high;		/* first half of a surrogate pair */
	bool has_line;		/* something stands in this line */
	bool stopped;
	char bytes[1024];
};

/** pen_put(p, code): One character; half a pair waits for the other. */
void pen_put(struct pen *p, uint32_t code);

/** pen_code(byte): The character that ${byte} is in windows-1252. */
uint32_t pen_code(unsigned char byte);

/** pen_byte(p, byte): One byte of windows-1252. */
void pen_byte(struct pen *p, unsigned char byte);

/** pen_text(p, utf8): A stretch of UTF-8. */
void pen_text(struct pen *p, struct span utf8);

/** pen_utf16(p, bytes): A stretch of UTF-16LE, without fields' marks. */
void pen_utf16(struct pen *p, struct span bytes);

/** pen_header(p, utf8): A sheet's header, a line for each part, without "&" codes. */
void pen_header(struct pen *p, struct span utf8);

/** pen_break(p): End the line, if anything stands in it. */
void pen_break(struct pen *p);

/** pen_lift(p): Write what is held back; return 0, or -1 if the sink said stop. */
int pen_lift(struct pen *p);

/* Little-endian numbers at an offset of hostile bytes; 0 outside. */
uint16_t read_16(struct span s, size_t at);
uint32_t read_32(struct span s, size_t at);

/* format_magic, the door to libmagic */

/** magic_type(bytes): What libmagic calls ${bytes}; a string until the next call. */
const char *magic_type(struct span bytes);

/** magic_warm(): Load the database. */
void magic_warm(void);

/* format_package, format_plain: which of the formats that share a start it is */

/** package_find(zip, type): Who reads a zip file; never NULL. */
const struct format *package_find(struct span zip, const char **type);

/** plain_find(bytes, name, type): Who reads ${bytes}, if they are some text; else NULL. */
const struct format *plain_find(struct span bytes, struct span name, const char **type);

/** plain_charset(bytes): "UTF-16LE" or "UTF-16BE" where the zeros show it; else NULL. */
const char *plain_charset(struct span bytes);

/* format_pack, the door to libarchive: the entries of a packed file, in order */
struct pack;

/** pack_warm(): Names of files may be in any script. */
void pack_warm(void);

struct pack_entry {
	struct span name;	/* UTF-8; until the next entry */
	size_t size;		/* as stated; 0 if it is not */
	bool is_encrypted;
	bool is_folder;
};

/**
 * pack_open(bytes, is_stream, sink):
 * Begin to read ${bytes}: an archive, or, if ${is_stream}, also one compressed
 * file.  What comes out is counted by ${sink}.  Never NULL.
 */
struct pack *pack_open(struct span bytes, bool is_stream, struct sink *sink);

/** pack_next(p, e): 1 and the next entry, 0 at the end, -1: over, see pack_reason. */
int pack_next(struct pack *p, struct pack_entry *e);

/** pack_read(p, bytes): The entry, valid until the next; 0, or -1: see pack_reason. */
int pack_read(struct pack *p, struct span *bytes);

/** pack_reason(p): Why the last call failed. */
enum part_reason pack_reason(const struct pack *p);

/** pack_close(p): End the reading. */
void pack_close(struct pack *p);

/* format_markup: the text of XML documents */
enum markup { MARKUP_OOXML, MARKUP_ODF, MARKUP_PLAIN };

/** markup_is_xml(bytes): Does it begin as XML does? */
bool markup_is_xml(struct span bytes);

/**
 * markup_read(kind, bytes, out, is_encrypted):
 * The text of an XML file that is, or is part of, a ${kind} of document.  Return 0;
 * 1 if ${out} said stop; -1 if it is no XML.  ${is_encrypted}, if not NULL, is set
 * where a manifest names encryption.
 */
int markup_read(enum markup kind, struct span bytes, struct sink *out, bool *is_encrypted);

/* format_ole: compound files, read by format_doc, format_xls, format_ppt, format_msg */
struct ole;

/** ole_type(bytes): What a compound file holds, e.g. "application/msword". */
const char *ole_type(struct span bytes);

/** ole_open(a, bytes): The directory of compound file ${bytes}; NULL if it has none. */
struct ole *ole_open(struct arena *a, struct span bytes);

/**
 * ole_stream(o, storage, name):
 * Bytes of the stream called so (ASCII) in ${storage} (0: the root); p is NULL if
 * there is none.
 */
struct span ole_stream(struct ole *o, uint32_t storage, const char *name);

/** ole_has(o, storage, name): Is there a stream or a storage called so in ${storage}? */
bool ole_has(struct ole *o, uint32_t storage, const char *name);

#define OLE_ANYWHERE UINT32_MAX		/* for ole_next: in whatever storage */

/**
 * ole_next(o, storage, prefix, at):
 * The next storage in ${storage} whose name begins so, after ${at}; 0: none.
 */
uint32_t ole_next(struct ole *o, uint32_t storage, const char *prefix, uint32_t at);

/**
 * ole_packaged(native, name, bytes):
 * The file in what Windows' packager wrote (\1Ole10Native); false: none.
 */
bool ole_packaged(struct span native, struct span *name, struct span *bytes);

/* Each reads one kind of document in a storage and returns as an extract() does. */
int doc_extract(struct ole *o, uint32_t storage, struct sink *out);
int xls_extract(struct ole *o, uint32_t storage, struct sink *out);
int ppt_extract(struct ole *o, uint32_t storage, struct sink *out);
int msg_extract(struct ole *o, uint32_t storage, struct sink *out);
int properties_extract(struct span stream, struct sink *out);
int biff_extract(struct span bytes, struct sink *out);

/** biff_is_workbook(bytes): Does a workbook begin here, outside of a compound file? */
bool biff_is_workbook(struct span bytes);

/** cms_is_message(bytes): Is it DER of a ContentInfo (RFC 5652 3)? */
bool cms_is_message(struct span bytes);

/* format_mapi: the properties of Outlook's letters, for format_msg and format_tnef */
enum { MAPI_SUBJECT = 0x0037, MAPI_SENDER = 0x0C1A, MAPI_CC = 0x0E03, MAPI_TO = 0x0E04,
    MAPI_BODY = 0x1000, MAPI_RTF = 0x1009, MAPI_HTML = 0x1013, MAPI_DATA = 0x3701,
    MAPI_NAME = 0x3704, MAPI_LONG_NAME = 0x3707 };
enum { MAPI_OBJECT = 0x000D, MAPI_STRING = 0x001E, MAPI_WIDE = 0x001F,
    MAPI_BINARY = 0x0102 };

/** mapi_rtf(a, packed): RTF out of compressed RTF (MS-OXRTFCP); empty if it is damaged. */
struct span mapi_rtf(struct arena *a, struct span packed);

/** mapi_put(property, type, value, out): The text of a property; 0, or -1: stop. */
int mapi_put(unsigned property, unsigned type, struct span value, struct sink *out);

#endif /* !EXTRACT_FORMAT_INTERNAL_H */
