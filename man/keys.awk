# keys.awk ACTIONS.DEF PAGE.IN: fills in the page.  @KEYS@ becomes the table of actions, a
# subsection a pane; @PKGDATADIR@ is given with -v.  The page can't tell
# another story than the console's help: both have the table.

# One ACTION(id, key, pane, risk, help), with its lines joined.
function take(text,    field, count, key, pane, help)
{
	if (!match(text, /^ACTION\([A-Z0-9_]+, *"([^"\\]|\\.)*", *PANE_[A-Z]+, *RISK_[A-Z]+, *"([^"\\]|\\.)*"\)[ \t]*$/))
		fail("this is no action: " text)
	count = split(text, field, /, */)
	key = field[2]
	pane = substr(field[3], 6)
	help = text
	sub(/^[^"]*"([^"\\]|\\.)*"[^"]*"/, "", help)
	sub(/"\)[ \t]*$/, "", help)
	gsub(/^"|"$/, "", key)
	if (!(pane in table))
		order[++panes] = pane
	table[pane] = table[pane] ".It Ic " escape(key) "\n" \
		(risk[field[4]] ? escape(help) "\n.Pq " risk[field[4]] : escape(help)) "\n"
}

# What roff or mdoc would take for its own at the start of a line or of an argument.
function escape(text)
{
	gsub(/\\/, "\\e", text)
	gsub(/\^/, "\\(ha", text)
	gsub(/~/, "\\(ti", text)
	gsub(/`/, "\\(ga", text)
	if (text ~ /^[.'?:,;!()\[\]|]/)
		text = "\\&" text
	return text
}

function keys(    i, name)
{
	for (i = 1; i <= panes; i++) {
		name = substr(order[i], 1, 1) tolower(substr(order[i], 2))
		print ".Ss " (order[i] == "ANY" ? "Every pane" : name)
		print ".Bl -tag -width S-Tab -compact"
		printf "%s", table[order[i]]
		print ".El"
	}
}

function fail(why)
{
	print "keys.awk: " why > "/dev/stderr"
	failed = 1
	exit 1
}

BEGIN {
	risk["RISK_CHANGE"] = "asks first"
	risk["RISK_SEVERE"] = "asks for the target's name"
}

FNR == 1 { file++ }

file == 1 && joined == "" && /^ACTION\(/ { joined = $0 }
file == 1 && joined != "" && $0 !~ /^ACTION\(/ { sub(/^[ \t]+/, " "); joined = joined $0 }
file == 1 && joined ~ /"\)[ \t]*$/ { take(joined); joined = "" }
file == 1 { next }

/^@KEYS@$/ {
	if (!panes)
		fail("no actions")
	keys()
	next
}
{
	gsub(/@PKGDATADIR@/, pkgdatadir)
	print
}

END {
	if (!failed && joined != "")
		fail("this action has no end: " joined)
}
