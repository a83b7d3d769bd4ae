#!/bin/bash
# prompts.sh: speak what agents and customers hear into dialplan/sounds/LANGUAGE/ (8 kHz GSM, which every
# Asterisk plays). Needs espeak-ng and sox. The results are committed: an installation needs neither.
set -euo pipefail
cd "$(dirname "$0")/.."
for tool in espeak-ng sox; do
  command -v "$tool" >/dev/null || { echo "prompts: $tool is missing (apt-get install espeak-ng sox libsox-fmt-all)" >&2; exit 1; }
done

speak() { # LANGUAGE NAME TEXT
  local out=dialplan/sounds/$1/$2.gsm
  espeak-ng -v "$1" -s 160 --stdout "$3" \
    | sox -t wav - -r 8000 -c 1 "$out" silence 1 0.01 0.5% reverse silence 1 0.01 0.5% reverse pad 0.05 0.15 norm -3
}

mkdir -p dialplan/sounds/en
speak en callback "Callback."
speak en cancelled "The customer has cancelled this callback. Nobody was called."
speak en not-now "This callback can not be made now. Nobody was called."
speak en no-gate "The callback service did not answer. Nobody was called."
speak en busy "The customer's line is busy. We will try again later."
speak en no-answer "The customer does not answer. We will try again later."
speak en rejected "The customer declined the call."
speak en wrong-number "The customer's number does not exist."
speak en line-down "The outside line has a fault. We will try again later."
speak en agent-press-1 "A callback. To take it, press one."
speak en first-hold "Hello. Here is the call that you asked for. Please hold."
speak en first-press-1 "Hello. You asked us to call you back. To speak with us now, press one."
speak en first-sorry "We are sorry. Nobody is free just now. We will call you again soon."
speak en waited-1 "Waited one minute."
for minutes in 2 3 4 5 6 7 8 9 10 12 15 20 25 30 40 50; do
  speak en "waited-$minutes" "Waited $minutes minutes."
done
speak en waited-60 "Waited over an hour."
