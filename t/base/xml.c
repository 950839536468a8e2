/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

#include "base/xml.h"

static char seen[400];

static int
on_start(void *context, const char *name, const char **attributes)
{
	const char *value = xml_attribute(attributes, "id");

	snprintf(seen + strlen(seen), sizeof(seen) - strlen(seen), "<%s%s%s", name,
	    value != NULL ? "=" : "", value != NULL ? value : "");
	return context != NULL && strcmp(name, context) == 0;
}

static int
on_end(void *context, const char *name)
{
	(void)context;
	snprintf(seen + strlen(seen), sizeof(seen) - strlen(seen), ">%s", name);
	return 0;
}

static int
on_text(void *context, struct span text)
{
	(void)context;
	snprintf(seen + strlen(seen), sizeof(seen) - strlen(seen), "%.*s",
	    SPAN_PRINT(text));
	return 0;
}

static int
parse(const char *text, bool forbids_type, const char *stop)
{
	struct xml_events events = { on_start, on_end, on_text, forbids_type };

	seen[0] = '\0';
	return xml_parse(span_of(text), &events, (void *)stop);
}

Test(xml, names_come_without_prefix_and_attributes_by_name)
{
	cr_assert_eq(parse("<a:x xmlns:a=\"u\" a:id=\"7\"><y>t&amp;</y></a:x>", false,
	    NULL), 0);
	cr_assert_str_eq(seen, "<x=7<yt&>y>x");
}

Test(xml, an_event_may_stop_the_reading)
{
	cr_assert_eq(parse("<a><b/><c/></a>", false, "b"), 1);
	cr_assert_str_eq(seen, "<a<b");
}

Test(xml, what_is_not_well_formed_is_an_error)
{
	cr_assert_eq(parse("<a><b></a>", false, NULL), -1);
	cr_assert_eq(parse("", false, NULL), -1);
	cr_assert_eq(parse("<a/><b/>", false, NULL), -1);
}

Test(xml, windows_1252_is_read)
{
	cr_assert_eq(parse("<?xml version=\"1.0\" encoding=\"windows-1252\"?>"
	    "<a>\x80\xe9</a>", false, NULL), 0);
	cr_assert_str_eq(seen, "<a\xe2\x82\xac\xc3\xa9>a");
	cr_assert_eq(parse("<?xml version=\"1.0\" encoding=\"x-none\"?><a/>", false,
	    NULL), -1);
}

Test(xml, a_document_type_is_refused_where_it_has_no_business)
{
	const char *text = "<!DOCTYPE a [<!ENTITY e \"x\">]><a>&e;</a>";

	cr_assert_eq(parse(text, false, NULL), 0);
	cr_assert_eq(parse(text, true, NULL), -1);
	cr_assert_str_eq(seen, "");
	cr_assert_eq(parse("<a/>", true, NULL), 0);
}
