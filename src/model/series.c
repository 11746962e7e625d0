#include "pgrunbook/model/series.h"

#include <stdlib.h>

#include "pgrunbook/base/alloc.h"

enum { CAPACITY_FIRST = 16 };

void
series_free(struct series *series)
{
	free(series->samples);
	*series = (struct series){ .window_us = series->window_us };
}

static int64_t
series_window(const struct series *series)
{
	return series->window_us == 0 ? SERIES_WINDOW_US : series->window_us;
}

/* The sample at `index`, 0 being the oldest. */
static struct series_sample *
series_at(const struct series *series, size_t index)
{
	return &series->samples[(series->first + index) % series->capacity];
}

static void
series_grow(struct series *series)
{
	size_t capacity = series->capacity == 0 ? CAPACITY_FIRST : series->capacity * 2;
	struct series_sample *samples = alloc_zeroed(capacity, sizeof(*samples));

	for (size_t i = 0; i < series->count; i++)
		samples[i] = *series_at(series, i);
	free(series->samples);
	series->samples = samples;
	series->first = 0;
	series->capacity = capacity;
}

void
series_add(struct series *series, int64_t at_us, double value)
{
	while (series->count != 0 &&
		series_at(series, series->count - 1)->at_us >= at_us)
		series->count--;
	/* The second one reaches back far enough: the first is not needed. */
	while (series->count > 1 &&
		series_at(series, 1)->at_us <= at_us - series_window(series)) {
		series->first = (series->first + 1) % series->capacity;
		series->count--;
	}
	if (series->count == series->capacity)
		series_grow(series);
	*series_at(series, series->count++) = (struct series_sample){ at_us, value };
}

void
series_add_unknown(struct series *series, int64_t at_us)
{
	series_add(series, at_us, SERIES_UNKNOWN);
}

double
series_last(const struct series *series)
{
	return series->count == 0 ? SERIES_UNKNOWN
				  : series_at(series, series->count - 1)->value;
}

/* The larger of the two; what is not known gives way. */
static double
larger(double a, double b)
{
	return !series_known(a) || b > a ? b : a;
}

double
series_slope(const struct series *series, int64_t window_us, int64_t least_us)
{
	const struct series_sample *last;

	if (series->count == 0)
		return SERIES_UNKNOWN;
	last = series_at(series, series->count - 1);
	if (!series_known(last->value))
		return SERIES_UNKNOWN;
	for (size_t i = 0; i + 1 < series->count; i++) {
		const struct series_sample *first = series_at(series, i);
		int64_t span_us = last->at_us - first->at_us;

		if (span_us > window_us || !series_known(first->value))
			continue;
		if (span_us < least_us)
			return SERIES_UNKNOWN;
		return (last->value - first->value) * 1e6 / (double)span_us;
	}
	return SERIES_UNKNOWN;
}

bool
series_range(const struct series *series, int64_t now_us, double *low, double *high)
{
	bool known = false;

	for (size_t i = 0; i < series->count; i++) {
		const struct series_sample *sample = series_at(series, i);
		bool over =
			i + 1 < series->count && series_at(series, i + 1)->at_us <=
							 now_us - series_window(series);

		if (!series_known(sample->value) || over || sample->at_us > now_us)
			continue;
		*low = known && *low < sample->value ? *low : sample->value;
		*high = known && *high > sample->value ? *high : sample->value;
		known = true;
	}
	return known;
}

void
series_cells(const struct series *series, int64_t now_us, double *cells, size_t count)
{
	if (count == 0)
		return;
	int64_t time = series_window(series) / (int64_t)count;
	int64_t end = (now_us / time + 1) * time;
	double held = SERIES_UNKNOWN;
	size_t next = 0;

	for (size_t cell = 0; cell < count; cell++) {
		int64_t begin = end - (int64_t)(count - cell) * time;
		double highest = SERIES_UNKNOWN;
		bool sampled = false;

		for (; next < series->count; next++) {
			const struct series_sample *sample = series_at(series, next);

			if (sample->at_us >= begin + time || sample->at_us > now_us)
				break;
			held = sample->value;
			if (sample->at_us < begin)
				continue;
			highest = larger(highest, held);
			sampled = true;
		}
		cells[cell] = sampled ? highest : held;
	}
}

double
series_rate(
	struct series_counter *counter, int64_t at_us, int64_t since, uint64_t value)
{
	struct series_counter before = *counter;

	*counter = (struct series_counter){ true, at_us, since, value };
	if (!before.known || before.since != since || value < before.value ||
		at_us <= before.at_us)
		return SERIES_UNKNOWN;
	return (double)(value - before.value) * 1e6 / (double)(at_us - before.at_us);
}

void
series_rate_lost(struct series_counter *counter)
{
	counter->known = false;
}
