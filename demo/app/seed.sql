-- Data for the billing schema at 0015: small enough to load in a second, large enough that
-- every table has a size and every region an invoice.  The same rows each time.

BEGIN;

INSERT INTO plans (code, name, monthly_cents) VALUES
	('basic', 'Basic', 900),
	('team', 'Team', 4900),
	('enterprise', 'Enterprise', 29900);

INSERT INTO customers (name, email, created_at)
SELECT 'Customer ' || n, 'billing@customer' || n || '.example',
	timestamptz '2025-01-01 08:00Z' + n * interval '5 hours'
FROM generate_series(1, 1500) AS n;

INSERT INTO subscriptions (customer_id, plan_code, started_on)
SELECT id, (ARRAY['basic', 'team', 'enterprise'])[1 + id % 3], created_at::date
FROM customers;

INSERT INTO invoices (customer_id, issued_on, due_on, total_cents, state, currency, tax_region)
SELECT 1 + n % 1500, day, day + 30, 900 + n * 7919 % 49000,
	CASE WHEN n % 5 = 0 THEN 'open' ELSE 'paid' END,
	CASE WHEN n % 11 = 0 THEN 'USD' ELSE 'EUR' END,
	CASE WHEN n % 7 <> 0 THEN (ARRAY['at', 'de', 'fi', 'fr', 'lu'])[1 + n % 5] END
FROM generate_series(1, 6000) AS n,
	LATERAL (SELECT date '2025-03-01' + n / 20 AS day) AS issued;

INSERT INTO invoice_lines (invoice_id, description, amount_cents)
SELECT id, 'Subscription, ' || to_char(issued_on, 'YYYY-MM'), total_cents
FROM invoices;

INSERT INTO payments (invoice_id, amount_cents, paid_at)
SELECT id, total_cents, issued_on + interval '9 days 10 hours'
FROM invoices
WHERE state = 'paid';

INSERT INTO credit_notes (invoice_id, amount_cents, reason)
SELECT id, total_cents / 10, 'Service level'
FROM invoices
WHERE id % 97 = 0;

INSERT INTO dunning_notices (invoice_id, level, sent_on)
SELECT id, 1, due_on + 14
FROM invoices
WHERE state = 'open';

INSERT INTO stripe_events (id, kind, payload, received_at)
SELECT 'evt_' || md5(id::text), 'payment_intent.succeeded',
	jsonb_build_object('invoice', invoice_id, 'amount', amount_cents), paid_at
FROM payments;

WITH audited AS (
	INSERT INTO audit_trail (at, actor, action, subject)
	SELECT paid_at + interval '2 days', 'support', 'refund', 'payment ' || id
	FROM payments
	WHERE id % 120 = 0
	RETURNING id, subject
)
INSERT INTO refunds (payment_id, audit_id, amount_cents)
SELECT p.id, a.id, p.amount_cents
FROM audited AS a
JOIN payments AS p ON a.subject = 'payment ' || p.id;

COMMIT;
