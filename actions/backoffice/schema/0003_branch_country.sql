-- Whoever asks for stores in a country is told all of them there.
ALTER TABLE branches ADD COLUMN country VARCHAR(2) NOT NULL DEFAULT '';
