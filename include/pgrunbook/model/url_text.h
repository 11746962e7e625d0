/* A database URL as SQLAlchemy prints it for people: `alembic current -v` shows it. */
#ifndef PGRUNBOOK_MODEL_URL_TEXT_H
#define PGRUNBOOK_MODEL_URL_TEXT_H

/*
 * The password becomes "***", the arguments are sorted by name, encoded, and left out
 * where they are empty (sqlalchemy.engine.URL.render_as_string).  What is no URL comes
 * back as it is.  The caller owns the string.
 */
char *url_text(const char *url);

#endif
