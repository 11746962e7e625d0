#include "pgrunbook/drive/who.h"

#include <stdlib.h>
#include <string.h>

#include "tests/tap/tap.h"

static const char *
text(const json_t *who, const char *name)
{
	return json_string_value(json_object_get(who, name));
}

int
main(void)
{
	json_t *who;

	setenv("SUDO_USER",
		"al\xff"
		"ice",
		1);
	setenv("SSH_CONNECTION", "10.0.0.5 50022 10.0.0.9 22", 1);
	who = who_resource("production");
	tap_is_text(text(who, "service.name"), "pgrunbook", "the service is named");
	tap_ok(text(who, "service.version") != NULL, "and its version");
	tap_ok(text(who, "host.name") != NULL, "the host is named");
	tap_ok(text(who, "user.id") != NULL, "the uid is there");
	tap_is_text(text(who, "deployment.environment.name"), "production",
		"the environment is there");
	tap_is_text(text(who, "user.sudo_user"),
		"al\xef\xbf\xbd"
		"ice",
		"bytes that are not UTF-8 lose no attribute");
	tap_is_text(text(who, "client.address"), "10.0.0.5", "the client's address");
	tap_is_text(text(who, "client.port"), "50022", "and port");
	tap_is_int((int64_t)json_array_size(json_object_get(who, "user.unverified")), 2,
		"what the environment says is marked as unverified");
	json_decref(who);

	unsetenv("SUDO_USER");
	setenv("SSH_CONNECTION", "", 1);
	who = who_resource(NULL);
	tap_ok(!json_object_get(who, "user.sudo_user") &&
			!json_object_get(who, "ssh.connection") &&
			!json_object_get(who, "deployment.environment.name") &&
			!json_object_get(who, "user.unverified"),
		"what isn't known isn't there");
	json_decref(who);
	return tap_done();
}
