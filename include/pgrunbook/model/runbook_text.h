/*
 * What the words of a runbook written for people say about the commands below them.
 * Each answers for one heading, paragraph or comment; NULL is none of them.
 */
#ifndef PGRUNBOOK_MODEL_RUNBOOK_TEXT_H
#define PGRUNBOOK_MODEL_RUNBOOK_TEXT_H

#include <stdbool.h>

/* A heading of a section on writing, testing or CI: not for who operates. */
bool runbook_text_is_optional(const char *heading);
/* A heading or lead of a collection of commands: "Quick Commands", "Reference". */
bool runbook_text_is_collection(const char *text);
/* A heading or item that is one of several ways: "Option 1: ...". */
bool runbook_text_is_option(const char *text);
/* A comment or lead that offers another way: "Or ...", "... instead". */
bool runbook_text_says_or(const char *text);
/* A comment that makes a command depend on something: "If ...", "... if needed". */
bool runbook_text_is_conditional(const char *text);
/* A lead above a sample: "Expected Output:", "Symptoms:". */
bool runbook_text_is_sample(const char *lead);
/* A heading or lead whose bullets are to be ticked: "Prerequisites". */
bool runbook_text_is_checklist(const char *text);
/* A heading or lead of a list that tells how things are: "Overview". */
bool runbook_text_describes(const char *text);
/* "3. Restart the application", "Step 2: ...": something to do. */
bool runbook_text_is_numbered(const char *text);
/* A pseudo-request in place of a command: "GET /health". */
bool runbook_text_is_request(const char *command);

#endif
