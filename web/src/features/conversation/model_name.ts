/** "claude-opus-4-8[1m]" as people say it: "Opus 4.8, 1M". What is named otherwise stays as it is. */
export function modelName(id: string): string {
  const [, family, major, minor, room] =
    /^claude-([a-z]+)-(\d+)(?:-(\d{1,2}))?(?:-\d{8})?(?:\[(\d+m)\])?$/.exec(id) ?? [];
  if (!family || !major) return id;
  const version = minor ? `${major}.${minor}` : major;
  return `${family.charAt(0).toUpperCase()}${family.slice(1)} ${version}${room ? `, ${room.toUpperCase()}` : ""}`;
}
