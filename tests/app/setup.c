/*
 * Where the scripts are: against what Alembic answered (setup.json, which
 * setup_record.py wrote), and what is said when they aren't found.
 */
#include "pgrunbook/app/setup.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/drive/file.h"
#include "pgrunbook/drive/python_path.h"
#include "tests/tap/scratch.h"
#include "tests/tap/tap.h"

/* `text` with another text for each `mark`; the caller owns it. */
static char *
replaced(const char *text, const char *mark, const char *with)
{
	struct str out = { 0 };
	const char *found;

	while ((found = strstr(text, mark)) != NULL) {
		str_add_bytes(&out, text, (size_t)(found - text));
		str_add(&out, with);
		text = found + strlen(mark);
	}
	str_add(&out, text);
	return str_take(&out);
}

/* Writes a file below `root`, with its directories. */
static void
put(const char *root, const char *name, const char *text)
{
	char *path = file_join(root, name), *slash = strrchr(path, '/');
	char *filled = replaced(text, "{root}", root);
	struct error error = { 0 };

	*slash = '\0';
	if (!file_make_directories(path, 0700, &error))
		abort();
	*slash = '/';
	int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (descriptor < 0 ||
		write(descriptor, filled, strlen(filled)) != (ssize_t)strlen(filled))
		abort();
	close(descriptor);
	free(filled);
	free(path);
}

static void
enter(const char *root, const char *directory)
{
	char *path = file_join(root, directory);

	if (chdir(path) != 0)
		abort();
	free(path);
}

/* The directories that are there, as Alembic lists them. */
static char *
summary(const struct setup *setup, const char *root)
{
	const struct alembic_config *config = &setup->config;
	struct str out = { 0 };
	char real[4096];

	str_printf(&out, "%s%s%s:",
		realpath(config->script_location, real) != NULL
			? real
			: config->script_location,
		config->recursive ? " recursive" : "",
		config->sourceless ? " sourceless" : "");
	for (size_t i = 0; i < config->version_locations.count; i++) {
		const char *path = config->version_locations.items[i];

		if (python_path_look(path) != PYTHON_NOTHING)
			str_printf(&out, " %s",
				realpath(path, real) != NULL ? real : path);
	}
	char *marked = replaced(str_text(&out), root, "{root}");
	str_free(&out);
	return marked;
}

/* What the arguments lead to: the summary, or "error" with the message. */
static char *
answer(const struct setup_options *options, const char *root, char **message)
{
	struct setup setup;
	struct error error = { 0 };
	bool good = setup_make_tree(options, &setup, &error);
	char *text;

	*message = NULL;
	if (good && setup.config_problem == NULL) {
		text = summary(&setup, root);
	} else {
		text = alloc_copy("error");
		*message = replaced(
			good ? setup.config_problem : error.message, root, "{root}");
	}
	error_clear(&error);
	setup_free(&setup);
	return text;
}

static char *
recorded(const json_t *one, const char *root)
{
	const json_t *found = json_object_get(one, "answer");
	struct str out = { 0 };
	size_t index;
	json_t *path;
	char real[4096];

	if (json_is_null(found) || json_is_string(json_object_get(one, "ours")))
		return alloc_copy("error");
	char *location =
		replaced(json_string_value(json_object_get(found, "script_location")),
			"{root}", root);
	str_printf(&out, "%s%s%s:", realpath(location, real) != NULL ? real : location,
		json_is_true(json_object_get(found, "recursive")) ? " recursive" : "",
		json_is_true(json_object_get(found, "sourceless")) ? " sourceless"
								   : "");
	free(location);
	json_array_foreach(json_object_get(found, "version_locations"), index, path)
	{
		location = replaced(json_string_value(path), "{root}", root);
		str_printf(&out, " %s",
			realpath(location, real) != NULL ? real : location);
		free(location);
	}
	char *marked = replaced(str_text(&out), root, "{root}");
	str_free(&out);
	return marked;
}

static void
read_arguments(const json_t *one, struct setup_options *options)
{
	const json_t *list = json_object_get(one, "args");
	struct error error = { 0 };

	for (size_t i = 0; i + 1 < json_array_size(list); i += 2) {
		const char *option = json_string_value(json_array_get(list, i));
		const char *value = json_string_value(json_array_get(list, i + 1));

		if (strcmp(option, "-n") == 0)
			options->section = value;
		else if (!setup_options_config(options, value, &error))
			abort();
	}
}

static void
make_situation(const json_t *one, const char *root)
{
	const char *name;
	json_t *text;

	json_object_foreach(json_object_get(one, "files"), name, text)
	{
		put(root, name, json_string_value(text));
	}
	json_object_foreach(json_object_get(one, "links"), name, text)
	{
		char *path = file_join(root, name);

		if (symlink(json_string_value(text), path) != 0)
			abort();
		free(path);
	}
	json_object_foreach(json_object_get(one, "env"), name, text)
	{
		char *value = replaced(json_string_value(text), "{root}", root);

		setenv(name, value, 1);
		free(value);
	}
}

static void
test_situation(const json_t *one)
{
	struct setup_options options = { 0 };
	char *made = scratch_make(), *message;
	char *root = realpath(made, NULL);

	make_situation(one, root);
	enter(root, json_string_value(json_object_get(one, "cwd")));
	read_arguments(one, &options);
	char *got = answer(&options, root, &message);
	char *want = recorded(one, root);
	if (!tap_is_text(
		    got, want, "%s", json_string_value(json_object_get(one, "name"))) &&
		message != NULL)
		tap_diag("%s", message);
	free(message);
	free(want);
	free(got);
	unsetenv("ALEMBIC_CONFIG");
	unsetenv("PYTHONPATH");
	enter("/", "");
	scratch_remove(made);
	free(root);
}

static void
test_recorded(const char *srcdir)
{
	char *path = file_join(srcdir, "tests/app/setup.json");
	json_t *document = json_load_file(path, 0, NULL);
	json_t *list = json_object_get(document, "situations"), *one;
	size_t index;

	tap_ok(json_array_size(list) > 50, "situations with answers of Alembic %s",
		json_string_value(json_object_get(document, "alembic")));
	json_array_foreach(list, index, one)
	{
		test_situation(one);
	}
	json_decref(document);
	free(path);
}

/* The error in `cwd`, with the scratch directory's name cut out. */
static void
is_problem(const struct setup_options *options, const char *root, const char *cwd,
	const char *want, const char *what)
{
	char *message;

	enter(root, cwd);
	free(answer(options, root, &message));
	tap_is_text(message, want, "%s", what);
	free(message);
}

static void
test_problems(void)
{
	struct setup_options none = { 0 };
	char *made = scratch_make();
	char *root = realpath(made, NULL);

	put(root, "a/alembic.ini", "[alembic]\nscript_location = m\n");
	put(root, "a/m/env.py", "");
	put(root, "a/b/c/x", "");
	put(root, "d/pyproject.toml", "[tool.alembic]\nscript_location = 'm'\n");
	put(root, "d/e/pyproject.toml", "[project]\nname = 'e'\n");
	put(root, "f/alembic.ini", "");
	put(root, "f/pgrunbook.ini", "[pgrunbook\n");
	is_problem(&none, root, "a/b/c",
		"there is no alembic.ini here, and no pyproject.toml with "
		"[tool.alembic]: -c names the one to read; {root}/a/alembic.ini "
		"exists: start in {root}/a, or use -c ../../alembic.ini",
		"alembic.ini above");
	is_problem(&none, root, "d/e",
		"there is no alembic.ini here, and no pyproject.toml with "
		"[tool.alembic]: -c names the one to read; {root}/d/pyproject.toml "
		"exists: start in {root}/d, or use -c ../pyproject.toml",
		"pyproject.toml above");
	is_problem(&(struct setup_options){ .config = "../alembic.ini" }, root, "a/b",
		"../alembic.ini:2: script_location = m belongs to the working "
		"directory, as in Alembic, and there is no {root}/a/b/m; but "
		"{root}/a/m is there: start in {root}/a, or write "
		"%(here)s/m",
		"the file above, and what is wrong with it");
	is_problem(&(struct setup_options){ .config = "a" }, root, "",
		"a is a directory: name the file itself, such as a/alembic.ini",
		"a directory");
	is_problem(&(struct setup_options){ .config = "/" }, root, "",
		"/ is a directory: name the file itself, such as /alembic.ini",
		"the root of all");
	is_problem(&(struct setup_options){ .config = "none.ini" }, root, "",
		"can't open none.ini: No such file or directory", "a file of no name");
	is_problem(&(struct setup_options){ .config = "f/alembic.ini" }, root, "",
		"f/alembic.ini: it has no section at all", "an empty file");
	is_problem(&none, root, "f",
		"pgrunbook.ini:1: there is no [section] before this line",
		"settings that may say which section");
	setenv("ALEMBIC_CONFIG", "none.ini", 1);
	is_problem(&none, root, "a",
		"ALEMBIC_CONFIG: can't open none.ini: No such file or directory",
		"a file that only the environment names");
	unsetenv("ALEMBIC_CONFIG");
	enter("/", "");
	scratch_remove(made);
	free(root);
}

/* Sections by option and by setting, and what alembic is told of them. */
static void
test_sections(void)
{
	char *made = scratch_make(), *message;
	char *root = realpath(made, NULL);
	struct setup_options options = { 0 };
	struct setup setup;
	struct error error = { 0 };

	put(root, "alembic.ini",
		"[alembic]\nscript_location = m\n[b]\nscript_location = n\n");
	put(root, "m/env.py", "");
	put(root, "n/env.py", "");
	put(root, "pgrunbook.ini",
		"[pgrunbook]\nalembic_section = b\nmistake = here\n");
	enter(root, "");
	char *got = answer(&options, root, &message);
	tap_is_text(got, "{root}/n:", "the setting's section, beside a mistake");
	free(got);
	options.section = "alembic";
	got = answer(&options, root, &message);
	tap_is_text(got, "{root}/m:", "the option beats it");
	free(got);

	options.section = NULL;
	tap_ok(!setup_make(&options, &setup, &error), "the mistake counts otherwise");
	error_clear(&error);
	setup_free(&setup);
	put(root, "pgrunbook.ini", "[pgrunbook]\nalembic_section = b\n");
	tap_ok(setup_make(&options, &setup, &error), "without it");
	tap_is_text(setup.choice.section, "b", "alembic is told the section");
	char *files = strlist_join(&setup.choice.files, " ");
	tap_is_text(files, "alembic.ini", "and the file");
	tap_ok(!setup.choice.named, "which nobody named");
	free(files);
	setup_free(&setup);

	tap_ok(setup_options_config(&options, "x/pyproject.toml", &error) &&
			setup_options_config(&options, "alembic.ini", &error),
		"one file of each kind");
	tap_ok(!setup_options_config(&options, "b.ini", &error), "not two");
	tap_is_text(error.message,
		"-c names two ini files, alembic.ini and b.ini: one is read",
		"which is said");
	error_clear(&error);
	enter("/", "");
	scratch_remove(made);
	free(root);
}

/* Where packages are installed, as far as the disk tells. */
static void
test_packages(void)
{
	char *made = scratch_make();
	char *root = realpath(made, NULL), *old = alloc_copy(getenv("PATH"));
	struct strlist found = { 0 };

	put(root, "env/lib/python3.12/site-packages/app.pth",
		"# comment\nimport sys\n{root}/src\n../x\nnone\r\n");
	put(root, "env/lib/python3.12/x/y", "");
	put(root, "src/app/m/env.py", "");
	put(root, "w/.venv/lib/python3.11/site-packages/y", "");
	put(root, "usr/bin/alembic", "");
	put(root, "usr/lib/python3/dist-packages/y", "");
	char *alembic = file_join(root, "usr/bin/alembic");
	chmod(alembic, 0700);
	free(alembic);
	char *value = file_join(root, "env");
	setenv("VIRTUAL_ENV", value, 1);
	free(value);
	value = alloc_printf("%s/none:%s/usr/bin", root, root);
	setenv("PATH", value, 1);
	free(value);
	setenv("PYTHONPATH", "../src:none", 1);
	enter(root, "w");
	char *cwd = file_join(root, "w");
	python_path_find(cwd, &found);
	char *list = strlist_join(&found, " ");
	char *marked = replaced(list, root, "");
	tap_is_text(marked,
		"/w/../src /env/lib/python3.12/site-packages /src "
		"/env/lib/python3.12/site-packages/../x "
		"/w/.venv/lib/python3.11/site-packages /usr/lib/python3/dist-packages",
		"PYTHONPATH, environments, .pth files, where alembic is installed");
	free(marked);
	free(list);
	free(cwd);
	strlist_free(&found);
	unsetenv("VIRTUAL_ENV");
	unsetenv("PYTHONPATH");
	setenv("PATH", old, 1);
	free(old);
	enter("/", "");
	scratch_remove(made);
	free(root);
}

/* What is connected to, or the error, with sqlalchemy.url and DATABASE_URL as given. */
static void
is_target(const char *root, const char *ini_url, const char *url, const char *want)
{
	struct setup_options none = { 0 };
	struct setup setup;
	struct error error = { 0 };
	char *ini = alloc_printf("[alembic]\nscript_location = m\n%s%s\n",
		ini_url != NULL ? "sqlalchemy.url = " : "",
		ini_url != NULL ? ini_url : "");

	put(root, "alembic.ini", ini);
	enter(root, "");
	if (url != NULL)
		setenv("DATABASE_URL", url, 1);
	bool good = setup_make(&none, &setup, &error);
	char *database = good ? pg_params_value(&setup.params, "dbname") : NULL;
	tap_is_text(good ? (database != NULL ? database : "default") : error.message,
		want, "%s, %s", ini_url != NULL ? ini_url : "no URL",
		url != NULL ? url : "no variable");
	unsetenv("DATABASE_URL");
	free(database);
	free(ini);
	error_clear(&error);
	setup_free(&setup);
}

static void
test_target(void)
{
	char *made = scratch_make();
	char *root = realpath(made, NULL);

	put(root, "m/env.py", "");
	setenv("PGUSER", "default", 1);
	is_target(root, "postgresql+asyncpg://u@h/a", NULL, "a");
	is_target(root, "postgresql://u@h/a", "postgresql://u@h/b", "b");
	is_target(root, "postgresql://u@h/a", "mysql://u:secret@h/b", "a");
	is_target(root, "driver://user:pass@localhost/dbname", NULL, "default");
	is_target(root, NULL, NULL, "default");
	is_target(root, "mysql+pymysql://u:secret@h/a", NULL,
		"sqlalchemy.url (-d names another database): mysql+pymysql:// is no "
		"URL "
		"of PostgreSQL: those begin with postgresql://");
	is_target(root, NULL, "sqlite:///a.db",
		"sqlite:// is no URL of PostgreSQL: those begin with postgresql://");
	unsetenv("PGUSER");
	enter("/", "");
	scratch_remove(made);
	free(root);
}

int
main(void)
{
	unsetenv("VIRTUAL_ENV");
	test_recorded(getenv("srcdir"));
	test_problems();
	test_sections();
	test_packages();
	test_target();
	return tap_done();
}
