# The guard of one run on one host. POSIX sh (dash, BusyBox); needs flock and
# timeout. Arguments: folder, run id, seconds of silence, lock folder (empty: this
# host does not hold the deploy lock), the lock's details, the audit log.
#
# Input, one line each: an empty line is a sign of life; "!unlock" frees the
# deploy lock; "!end" ends the guard in peace; every other line is a record:
#   run TEXT          command, version and person
#   inflight NAME     a kamal-proxy deploy whose command line contains NAME began
#   migrate NAME      a one-off container began
#   quiet ID          a worker was told to stop taking jobs
#   resumed ID        it takes jobs again
#   stop ID           it makes room for its successor: nobody resumes it
#   done NAME         the kamal-proxy deploy or the one-off container is over
#   result TEXT       how the run ended
#   audit TEXT        a line for Kamal's audit log
#   stage ROLE BASE64 an env file that waits for its container; not a record
# Answers: "ok FOUND RUN" (no; lock: took over a dead run's lock; interrupted: its
# guard tidied up; cut: its guard ended with it; restarted: and the host has
# restarted since; RUN: when, which and what) | "busy OWNER SINCE WHAT" | "locked" + details | "failed TEXT", then
# "unlocked" after !unlock.
umask 022 # folders as Kamal makes them; files of our own are 0600
dir=$1 run=$2 silence=$3 lock=$4 details=$5 audit=$6
fail() { echo "failed $1"; exit 1; }
mkdir -p "$dir" || fail "cannot create $dir"
command -v flock >/dev/null && command -v timeout >/dev/null && command -v cmp >/dev/null || fail "flock, timeout and cmp are needed (util-linux, coreutils and diffutils, or busybox)"
umask 077
exec 9>>"$dir/guard"
flock -n 9 || {
  owner=$(cat "$dir/owner" 2>/dev/null)
  echo "busy $owner $(grep " $owner run " "$dir/journal" 2>/dev/null | tail -n 1 | cut -d ' ' -f 1,4-)"
  exit 75
}

note() { echo "$(date -u +%Y-%m-%dT%H:%M:%SZ) $run $1" >>"$dir/journal"; }

sign() { printf '%s\n\n' "$details" >"$1.part" && mv "$1.part" "$1"; } # whole, or as it was
take() { # fails where it is taken; a lock that nobody signed would keep all out
  mkdir -p "$(dirname "$lock")" || fail "cannot create the folder of $lock"
  mkdir "$lock" 2>/dev/null || return
  sign "$lock/details" || { rm -r "$lock"; fail "cannot write $lock/details: is the disk full?"; }
}
ours() { [ -s "$dir/lock" ] && cmp -s "$lock/details" "$dir/lock"; }
free() { rm -f "$lock/details" && rm -r "$lock"; }

boot=$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)
case $(tail -n 1 "$dir/journal" 2>/dev/null | cut -d ' ' -f 3) in
  interrupted) found=interrupted ;;
  ended | '') ;;
  *)
    before=$(sed -n 's/.* started boot=//p' "$dir/journal" | tail -n 1)
    [ "$before" = "$boot" ] && found=cut || found=restarted
    ;;
esac
last=$(grep ' run ' "$dir/journal" 2>/dev/null | tail -n 1 | cut -d ' ' -f 1-2,4-)
rm -f "$dir"/run-*.env # of runs that are dead: their lock is ours now
if [ "$(wc -c <"$dir/journal" 2>/dev/null || echo 0)" -gt 2000000 ]; then
  tail -n 5000 "$dir/journal" >"$dir/journal.new" && mv "$dir/journal.new" "$dir/journal"
fi
if [ -n "$lock" ]; then
  umask 022
  if ! take; then
    if ours; then
      note "takes over the lock of a run that died"
      found=lock
      sign "$lock/details" || fail "cannot write $lock/details: is the disk full?"
    else
      echo locked; cat "$lock/details" 2>/dev/null; exit 75
    fi
  fi
  umask 077
  sign "$dir/lock" || { free; fail "cannot write $dir/lock: is the disk full?"; }
fi
printf '%s' "$run" >"$dir/owner"
note "started boot=$boot"
echo "ok ${found:-no} $last"

unlock() { # fails where the lock is another's by now; one that is gone is free
  [ -z "$lock" ] || [ ! -d "$lock" ] || { ours && free; }
  set -- $?
  rm -f "$dir/lock"
  return "$1"
}

stage() { # whole, or not there
  file="$dir/run-$run-${1%% *}.env"
  printf %s "${1#* }" | base64 -d >"$file.part" && mv "$file.part" "$file"
}

without() { # the words of $1 but $2
  for w in $1; do [ "$w" = "$2" ] || printf ' %s' "$w"; done
}

trap '' HUP PIPE INT TERM
quieted= inflight= migrate= peace=
while :; do
  line=$(timeout -s KILL "$silence" sh -c 'IFS= read -r l && printf %s. "$l"' 9>&-) || break
  line=${line%.}
  [ -n "$line" ] || continue
  case $line in
    !unlock) unlock && echo unlocked || echo "failed the lock is not this run's any more"; continue ;;
    !end) peace=yes; break ;;
    quiet\ *) quieted="$quieted ${line#quiet }" ;;
    resumed\ * | stop\ *) quieted=$(without "$quieted" "${line#* }") ;;
    inflight\ *) inflight="$inflight ${line#inflight }" ;; # roles may boot at the same time
    migrate\ *) migrate=${line#migrate } ;;
    done\ *) inflight=$(without "$inflight" "${line#done }"); [ "$migrate" != "${line#done }" ] || migrate= ;;
    stage\ *) stage "${line#stage }"; continue ;;
    audit\ *) (umask 022; printf '%s\n' "${line#audit }" >>"$audit") ; continue ;;
  esac
  note "$line"
done
rm -f "$dir/run-$run"*.env* # staged and not used, or of a migrate that was cut off
[ -n "$peace" ] && { note ended; rm -f "$dir/owner"; exit 0; }

# The owner is gone or silent. Cutting its connection first keeps a revived one
# from writing: it never reconnects for a write.
exec </dev/null >/dev/null 2>&1
kill -9 "$PPID" 2>/dev/null
note "silence: fenced"

running() {
  for f in /proc/[0-9]*/cmdline; do
    case $(tr '\0' ' ' <"$f" 2>/dev/null) in *kamal-proxy*" deploy "*"$1"*) return 0 ;; esac
  done
  return 1
}
engine() { timeout 60 docker "$@" 9>&-; } # one that hangs keeps nobody out for ever
n=0
for service in $inflight; do
  while [ $n -lt 300 ] && running "$service"; do sleep 1 9>&-; n=$((n + 1)); done
done
n=0
while [ -n "$migrate" ] && [ $n -lt 7200 ] && [ -n "$(engine ps -q --filter "name=^$migrate\$")" ]; do sleep 1 9>&-; n=$((n + 1)); done
for id in $quieted; do
  engine exec "$id" sh -c 'kill -TERM 1' && note "resumed $id"
  case $(engine inspect -f '{{.HostConfig.RestartPolicy.Name}}' "$id") in
    always | unless-stopped) ;;
    *) engine wait "$id" >/dev/null; engine start "$id" ;;
  esac
done
unlock
note interrupted
rm -f "$dir/owner"
exit 0
