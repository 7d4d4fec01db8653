-- The server of docker-compose.yml runs this once, when its volume is new: one user who may do
-- nothing but own two databases. The keys are apart, because they have a backup of their own.
\set password `cat /run/secrets/wayledger-password`
CREATE ROLE wayledger LOGIN PASSWORD :'password';
CREATE DATABASE wayledger OWNER wayledger;
CREATE DATABASE wayledger_keys OWNER wayledger;
REVOKE ALL ON DATABASE wayledger, wayledger_keys FROM PUBLIC;
