#include "pgrunbook/model/pace.h"

enum { SHARE = 10, SHARE_BACK = 20, LONGEST_US = 60 * 1000 * 1000 };

/* The shortest interval of ours that has room for `times` looks. */
static int64_t
pace_room(const struct pace *pace, int64_t times)
{
	int64_t every = pace->asked_us;

	while (every < pace->took_us * times && every < LONGEST_US)
		every *= 2;
	if (every > LONGEST_US)
		every = pace->asked_us > LONGEST_US ? pace->asked_us : LONGEST_US;
	return every;
}

void
pace_ask(struct pace *pace, int64_t asked_us)
{
	pace->asked_us = asked_us;
	pace->every_us = pace_room(pace, SHARE);
}

void
pace_took(struct pace *pace, int64_t took_us)
{
	pace->took_us = (pace->took_us + took_us) / 2;
	int64_t longer = pace_room(pace, SHARE);
	int64_t shorter = pace_room(pace, SHARE_BACK);

	if (longer > pace->every_us)
		pace->every_us = longer;
	else if (shorter < pace->every_us)
		pace->every_us = shorter;
}

int64_t
pace_rest(const struct pace *pace, int64_t spent_us)
{
	int64_t rest = pace->every_us - spent_us;

	if (rest < spent_us)
		rest = spent_us;
	return rest < pace->every_us ? rest : pace->every_us;
}

void
pace_forget(struct pace *pace)
{
	pace->took_us = 0;
	pace->every_us = pace->asked_us;
}
