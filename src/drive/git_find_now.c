/* Looking for revisions in git where nothing else is to be done meanwhile. */
#include "pgrunbook/drive/git_find.h"

struct git_wait {
	struct loop *loop;
	struct git_found_list *list;
};

static void
wait_done(void *context, struct git_found_list *list)
{
	struct git_wait *wait = context;

	*wait->list = *list;
	loop_stop(wait->loop);
}

void
git_find_now(const struct strlist *directories, const struct strlist *ids,
	struct git_found_list *list)
{
	struct git_wait wait = { loop_new(), list };

	*list = (struct git_found_list){ 0 };
	struct git_find *find =
		git_find_start(wait.loop, directories, ids, wait_done, &wait);
	loop_run(wait.loop);
	git_find_free(find);
	loop_free(wait.loop);
}
