using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Microtome.Pathology;

/// <summary>What program made a result.</summary>
internal static class ProgramVersion
{
    /// <summary>The version with its build, as 0.1.0+commit.</summary>
    public static string Text { get; } =
        typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>The version without its build.</summary>
    public static string Short => Text.Split('+')[0];

    /// <summary>Runtime and libraries that are loaded now: asking others would load them.</summary>
    public static JsonObject Libraries()
    {
        var found = new JsonObject { ["dotnet"] = RuntimeInformation.FrameworkDescription, ["os"] = RuntimeInformation.OSDescription };
        try
        {
            foreach (string line in File.ReadLines("/proc/self/maps"))
            {
                string name = Path.GetFileName(line[(line.LastIndexOf(' ') + 1)..]);
                foreach (string library in (ReadOnlySpan<string>)["libopenslide.so", "libvips.so", "libtorch_cpu.so", "libtorch_cuda.so", "libe_sqlite3.so"])
                {
                    if (name.StartsWith(library, StringComparison.Ordinal))
                        found[library] = name;
                }
            }
        }
        catch (IOException)
        {
            // Not Linux: nothing to tell.
        }

        return found;
    }
}
