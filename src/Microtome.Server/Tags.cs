using Microsoft.Net.Http.Headers;

namespace Microtome.Server;

/// <summary>Entity tags: equal content, equal tag.</summary>
internal static class Tags
{
    public static EntityTagHeaderValue Of(string what, string version) => new('"' + string.Concat(what.Where(char.IsAsciiLetterOrDigit)) + '-' + version + '"');
}
