/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "mail/authentication.h"

static bool
passes(const char *raw, const char *ids, const char *domain)
{
	struct arena *a = arena_new();
	struct headers h;
	size_t body;
	bool result;

	headers_parse(a, span_of(raw), &h, &body);
	result = authentication_dkim_passed(&h, span_of(ids), span_of(domain));
	arena_free(a);
	return result;
}

Test(authentication, a_pass_for_the_domain_or_its_organisation_counts)
{
	cr_expect(passes("Authentication-Results: mx.a; dkim=pass header.d=x.edu.vn\n",
	    "mx.a", "x.edu.vn"));
	cr_expect(passes("Authentication-Results: mx.a 1; spf=fail;\r\n dkim=pass (ok; not)"
	    " reason=\"x;y\" header.i=@X.edu.vn\r\n", "other MX.A", "m.x.edu.vn"));
	cr_expect(passes("Authentication-Results: mx.a; dkim=fail header.d=y.vn;"
	    " dkim/1 = pass header.d=m.x.edu.vn\n", "mx.a", "x.edu.vn"));
}

Test(authentication, another_result_domain_or_server_does_not_count)
{
	cr_expect(!passes("Authentication-Results: mx.a; dkim=fail header.d=x.vn\n",
	    "mx.a", "x.vn"));
	cr_expect(!passes("Authentication-Results: mx.a; dkim=pass header.d=yx.vn\n",
	    "mx.a", "x.vn"));
	cr_expect(!passes("Authentication-Results: mx.b; dkim=pass header.d=x.vn\n",
	    "mx.a", "x.vn"));
	cr_expect(!passes("Authentication-Results: mx.a; dkim=pass header.d=vn\n",
	    "mx.a", "x.vn"));
	cr_expect(!passes("Authentication-Results: mx.a; dkim=pass header.d=x.vn\n",
	    "", "x.vn"));
	cr_expect(!passes("Authentication-Results: mx.a; x=\"dkim=pass header.d=x.vn\"\n",
	    "mx.a", "x.vn"));
	cr_expect(!passes("Authentication-Results: mx.a; spf=pass (dkim=pass header.d=x.vn)\n",
	    "mx.a", "x.vn"));
}

Test(authentication, only_the_topmost_field_of_a_server_counts)
{
	cr_expect(!passes("Authentication-Results: mx.a; dkim=none\n"
	    "Authentication-Results: mx.a; dkim=pass header.d=x.vn\n", "mx.a", "x.vn"));
	cr_expect(passes("Authentication-Results: mx.b; dkim=none\n"
	    "Authentication-Results: mx.a; dkim=pass header.d=x.vn\n", "mx.a", "x.vn"));
}

Test(authentication, the_result_of_a_method_is_that_of_the_topmost_trusted_field)
{
	struct arena *a = arena_new();
	struct headers h;
	size_t body;

	headers_parse(a, span_of("Authentication-Results: evil; dmarc=pass\n"
	    "Authentication-Results: mx 1; spf=softfail (x; y) smtp.mailfrom=a@b;\n"
	    " dkim/1=pass header.d=\"a;b\" ; arc=none\n"
	    "Authentication-Results: mx; dmarc=pass\n\n"), &h, &body);
	cr_assert(span_is(authentication_result(&h, span_of("mx"), "spf"), "softfail"));
	cr_assert(span_is(authentication_result(&h, span_of("mx"), "DKIM"), "pass"));
	cr_assert(span_is(authentication_result(&h, span_of("other mx"), "arc"), "none"));
	cr_assert_eq(authentication_result(&h, span_of("mx"), "dmarc").n, 0);
	cr_assert_eq(authentication_result(&h, span_of(""), "spf").n, 0);
	arena_free(a);
}
