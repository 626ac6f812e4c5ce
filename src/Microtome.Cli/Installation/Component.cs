using System.Text.Json.Nodes;

namespace Microtome.Cli;

/// <summary>One line of <c>doctor</c>.</summary>
/// <param name="Name">The component.</param>
/// <param name="Found">The version or state found, or null when it is not there.</param>
/// <param name="Needed">The version or state needed.</param>
/// <param name="Ok">Found is good enough.</param>
/// <param name="Required">Without it the program cannot do its main job.</param>
/// <param name="Mend">The one command or step that mends it; null when nothing is to be mended.</param>
internal sealed record Component(string Name, string? Found, string Needed, bool Ok, bool Required, string? Mend)
{
    /// <summary>As <c>doctor --json</c> prints it.</summary>
    public JsonObject ToJson() => new()
    {
        ["component"] = Name,
        ["found"] = Found,
        ["needed"] = Needed,
        ["ok"] = Ok,
        ["required"] = Required,
        ["mend"] = Ok ? null : Mend,
    };
}
