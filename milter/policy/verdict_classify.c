/* SPDX-License-Identifier: BSD-2-Clause */
#include "mail/address.h"
#include "mail/authentication.h"

#include "policy/glob.h"
#include "policy/verdict.h"
#include "policy_internal.h"

static bool
has_login(const struct policy *p, struct span login)
{
	const struct ministry_entry *entry;

	for (entry = p->logins; login.n != 0 && entry != NULL; entry = entry->next)
		if (glob_matches(entry->text, login))
			return true;
	return false;
}

static bool
has_domain(const struct policy *p, struct span sender)
{
	const struct ministry_entry *entry;

	for (entry = p->domains; entry != NULL; entry = entry->next)
		if (address_in_domain(sender, entry->text))
			return true;
	return false;
}

static bool
has_network(const struct policy *p, struct span client)
{
	const struct ministry_entry *entry;

	for (entry = p->networks; entry != NULL; entry = entry->next)
		if (network_has(&entry->network, client))
			return true;
	return false;
}

static bool
is_signed(const struct letter *l)
{
	return l->message != NULL && authentication_dkim_passed(
	    &l->message->headers, l->authserv_ids, address_domain(l->sender));
}

enum sender_class
policy_classify(const struct policy *p, const struct letter *l)
{
	if (l->sender.n == 0)
		return SENDER_FOREIGN;
	if (has_login(p, l->login))
		return SENDER_MINISTRY;
	if (!has_domain(p, l->sender))
		return SENDER_FOREIGN;
	if (l->is_authenticated || has_network(p, l->client) || is_signed(l))
		return SENDER_MINISTRY;
	return SENDER_SPOOFED;
}
