package hooks

// Sourcemaps is the argv that runs the upload of source maps in the container
// that serves. Run it detached: nobody waits, and it survives whoever started it.
//
// What it prints goes to the output of PID 1, line by line with a mark, so that
// it is in the container's log; where that is not allowed (PID 1 gave up its
// user, or another user is executed), to a file in /tmp. It may be run again: a
// version that was uploaded from this container is not uploaded twice.
// https://docs.docker.com/reference/cli/docker/container/exec/ (a detached
// exec's own output is lost).
func Sourcemaps(command, version string) []string {
	return []string{"sh", "-c", `mark=/tmp/hwdeploy-sourcemaps-$2
if (exec >>/proc/1/fd/1) 2>/dev/null; then exec >>/proc/1/fd/1 2>&1; else exec >>"$mark.log" 2>&1; fi
if [ -e "$mark.done" ]; then echo "[sourcemaps] $2: uploaded before"; exit 0; fi
echo "[sourcemaps] $2: begins"
{ sh -c "$1" && : >"$mark.done" || echo "failed with status $?"; } </dev/null 2>&1 | while IFS= read -r line || [ -n "$line" ]; do
  printf '[sourcemaps] %s\n' "$line"
done
if [ -e "$mark.done" ]; then echo "[sourcemaps] $2: done"; else echo "[sourcemaps] $2: not done"; fi`, "hwdeploy-sourcemaps", command, version}
}
