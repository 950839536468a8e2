/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "mail/unicode.h"

#include "gate_internal.h"

#define WORD_BEFORE 6	/* characters kept in front of the window */
#define WORD_MAX 16	/* and in all */
#define WINDOW_CHARACTERS 3
#define WAY_BYTES (4 * WINDOW_CHARACTERS)

/* What most letters look like: windows are chosen among what is rare in it. */
static const char ordinary[] =
    "Kính gửi các đơn vị trực thuộc Bộ, các sở giáo dục và đào tạo, các đại học, "
    "học viện, trường đại học, trường cao đẳng, trung cấp chuyên nghiệp. Thực hiện "
    "kế hoạch công tác năm học và chỉ đạo của Bộ trưởng, Văn phòng Bộ đề nghị Thủ "
    "trưởng các đơn vị báo cáo kết quả thực hiện nhiệm vụ, những khó khăn, vướng "
    "mắc và kiến nghị, gửi về Bộ trước ngày 15 tháng 11 năm 2007 theo địa chỉ thư "
    "điện tử để tổng hợp. Căn cứ Nghị định số 32/2003/NĐ-CP của Chính phủ quy định "
    "chức năng, nhiệm vụ, quyền hạn và cơ cấu tổ chức; Luật giáo dục; Quyết định số "
    "1234/QĐ-BGDĐT ban hành quy chế tuyển sinh. Việc ứng dụng công nghệ thông tin "
    "trong quản lý và giảng dạy là nhiệm vụ trọng tâm. Hội nghị được tổ chức tại Hà "
    "Nội, thành phần gồm lãnh đạo và chuyên viên phụ trách. Rất mong nhận được sự "
    "phối hợp của quý cơ quan. Trân trọng cảm ơn. Nơi nhận: Như trên; Lưu: VT. "
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Độc lập - Tự do - Hạnh phúc BỘ GIÁO DỤC VÀ "
    "ĐÀO TẠO TL. BỘ TRƯỞNG CHÁNH VĂN PHÒNG. The following people attended the "
    "meeting and have been informed of the results; please reply by e-mail.\n\n";

void
prose_read(struct prose *p)
{
	const unsigned char *text = (const unsigned char *)ordinary;
	size_t i;

	memset(p, 0, sizeof(*p));
	p->total = sizeof(ordinary) - 2;
	for (i = 0; i < p->total; i++) {
		p->pairs[text[i] << 8 | text[i + 1]]++;
		p->bytes[text[i]]++;
	}
}

static double
commonness(const struct prose *p, const unsigned char *bytes)
{
	double both = p->pairs[bytes[0] << 8 | bytes[1]];

	return both + (p->bytes[bytes[0]] + 0.5) * (p->bytes[bytes[1]] + 0.5) /
	    p->total;
}

/* One way to write some characters. */
struct way {
	unsigned char bytes[WAY_BYTES];
	unsigned char owners[WAY_BYTES];	/* of which character each byte is */
	size_t n;
};

/* The ${number}th way to write ${count} characters from ${from} on; false behind the last. */
static bool
spell(const struct alphabet *b, const struct word *w, size_t from, size_t count,
    size_t number, struct way *way)
{
	size_t i, k, bytes;
	uint16_t class;
	uint32_t code;

	way->n = 0;
	for (i = 0; i < count; i++) {
		class = w->classes[from + i];
		code = b->variants[class][number % b->variant_counts[class]];
		number /= b->variant_counts[class];
		bytes = unicode_put(code, (char *)way->bytes + way->n);
		for (k = 0; k < bytes; k++)
			way->owners[way->n + k] = (unsigned char)i;
		way->n += bytes;
	}
	return number == 0;
}

/* Windows for one stretch of a word. */
struct choice {
	struct window windows[WINDOWS_MAX];
	size_t count;
	size_t from;	/* the first character that a window begins in */
	size_t last;
	double cost;
};

static double
cost_at(const struct prose *p, const struct way *way, size_t i)
{
	return commonness(p, way->bytes + i) + commonness(p, way->bytes + i + 1);
}

static bool
take_way(const struct prose *p, const struct way *way, size_t from,
    struct choice *c)
{
	size_t i, best = 0;

	if (way->n < WINDOW_BYTES || c->count == WINDOWS_MAX)
		return false;
	for (i = 1; i + WINDOW_BYTES <= way->n; i++)
		if (cost_at(p, way, i) < cost_at(p, way, best))
			best = i;
	memcpy(c->windows[c->count++].bytes, way->bytes + best, WINDOW_BYTES);
	c->cost += cost_at(p, way, best);
	i = from + way->owners[best];
	c->from = i < c->from ? i : c->from;
	c->last = i > c->last ? i : c->last;
	return true;
}

/* Windows for all ways to write the stretch; false if one of them is too short. */
static bool
consider(const struct alphabet *b, const struct prose *p, const struct word *w,
    size_t from, size_t count, struct choice *c)
{
	struct way way;
	size_t i;

	*c = (struct choice){ .from = w->n };
	for (i = 0; i < count; i++)
		if (w->classes[from + i] == ALPHABET_BLANK)
			return false;
	for (i = 0; spell(b, w, from, count, i, &way); i++)
		if (!take_way(p, &way, from, c))
			return false;
	return true;
}

/* Keep what stands around the window: enough to tell words apart, little to go back over. */
static void
cut(struct word *w, const struct choice *c)
{
	size_t start = c->from > WORD_BEFORE ? c->from - WORD_BEFORE : 0;
	size_t end = start + WORD_MAX < w->n ? start + WORD_MAX : w->n;

	while (w->classes[start] == ALPHABET_BLANK)
		start++;
	while (w->classes[end - 1] == ALPHABET_BLANK)
		end--;
	w->classes += start;
	w->n = end - start;
	w->back = c->last - start;
}

size_t
window_choose(const struct alphabet *b, const struct prose *p, struct word *w,
    struct window *found)
{
	struct choice best = { .count = 0 }, now;
	size_t from, count;

	for (from = 0; from < w->n; from++)
		for (count = 1; count <= WINDOW_CHARACTERS && from + count <= w->n;
		    count++)
			if (consider(b, p, w, from, count, &now) &&
			    (best.count == 0 || now.cost < best.cost))
				best = now;
	if (best.count == 0)
		return 0;
	cut(w, &best);
	memcpy(found, best.windows, best.count * sizeof(*found));
	return best.count;
}
