using System.Globalization;
using System.Runtime.Intrinsics.X86;

namespace Microtome.Cli;

/// <summary>What <c>doctor</c> looks at. Each check answers for itself; none throws.</summary>
internal static class Examination
{
    private const string Rebuild = "rm -f out/stamp && ./microtome doctor";

    /// <summary>Looks at everything; libtorch is loaded on the way (about a second).</summary>
    public static IEnumerable<Component> All()
    {
        yield return new("microtome", Installation.Version, "any", true, true, null);
        yield return DotNet();
        yield return OpenSlide();
        foreach (var component in Vips())
            yield return component;
        yield return Own("libmicrotome_image", "microtome_image");
        foreach (var component in Torch())
            yield return component;
        foreach (var component in Models())
            yield return component;
        yield return Cores();
        yield return Memory();
        yield return Vectors();
        yield return Disk();
        yield return Build();
    }

    private static Component DotNet() => new(".NET runtime", Environment.Version.ToString(), ">= 10.0", Environment.Version.Major >= 10, true, "install the .NET 10 SDK");

    private static Component OpenSlide()
    {
        var library = NativeProbe.Load(["libopenslide.so.0", "libopenslide.so.1", "libopenslide.so"], out var reason);
        var version = library?.Text("openslide_get_version");
        return new("OpenSlide", version ?? (library is null ? $"does not load: {reason}" : null), ">= 3.4", AtLeast(version, 3, 4), true, Apt("libopenslide0"));
    }

    private static IEnumerable<Component> Vips()
    {
        var library = NativeProbe.Load(["libvips.so.42", "libvips.so"], out var reason);
        if (library is null)
        {
            yield return new("libvips", $"does not load: {reason}", ">= 8.13", false, true, Apt("libvips42"));
            yield break;
        }

        var version = $"{library.Number("vips_version", 0)}.{library.Number("vips_version", 1)}.{library.Number("vips_version", 2)}";
        yield return new("libvips", version, ">= 8.13", AtLeast(version, 8, 13), true, Apt("libvips42"));

        // Operations register themselves when the library starts.
        _ = library.Finds("vips_init", "microtome", string.Empty);
        (string Name, string Operation, bool Required)[] loaders =
            [("JPEG", "jpegload", true), ("PNG", "pngload", true), ("TIFF", "tiffload", true), ("WebP", "webpload", false), ("JPEG 2000", "jp2kload", false)];
        var found = loaders.Where(l => library.Finds("vips_type_find", "VipsOperation", l.Operation)).ToList();
        yield return new(
            "libvips loaders",
            string.Join(", ", found.Select(static l => l.Name)),
            "JPEG, PNG, TIFF",
            loaders.All(l => !l.Required || found.Contains(l)),
            true,
            Apt("libvips42"));
    }

    private static Component Own(string name, string library)
    {
        var probe = NativeProbe.Load(NativeProbe.OwnLibrary(library), out var reason);
        return new(name, probe?.Path ?? $"does not load: {reason}", "loads", probe is not null, true, Rebuild);
    }

    private static IEnumerable<Component> Torch()
    {
        var probe = NativeProbe.Load(NativeProbe.OwnLibrary("microtome_torch"), out var reason);
        yield return new("libmicrotome_torch", probe?.Path ?? $"does not load: {reason}", "loads", probe is not null, true, Rebuild);
        var version = probe?.Text("mt_torch_version");
        yield return new("libtorch", version, ">= 1.13", AtLeast(version, 1, 13), true, Apt("libtorch-dev"));
        var devices = probe?.Number("mt_cuda_device_count");
        yield return new(
            "CUDA devices",
            devices?.ToString(CultureInfo.InvariantCulture) ?? "unknown",
            "only for --device cuda",
            true,
            false,
            null);
        var blas = Loaded("openblas") ? "OpenBLAS" : Loaded("mkl") ? "MKL" : Loaded("libblas") ? "reference BLAS (slow)" : null;
        yield return new("BLAS", blas, "OpenBLAS or MKL", blas is "OpenBLAS" or "MKL", false, Apt("libopenblas0-pthread"));
    }

    private static IEnumerable<Component> Models()
    {
        var folder = Installation.PathOf("models");
        var models = Directory.Exists(folder) ? Directory.GetDirectories(folder).Order(StringComparer.Ordinal).ToArray() : [];
        if (models.Length == 0)
            yield return new("models", null, "models/nuclei", false, false, "git checkout -- models");
        foreach (var model in models)
        {
            var name = Path.GetFileName(model);
            var weights = Directory.EnumerateFiles(model, "*.safetensors").FirstOrDefault();
            var config = File.Exists(Path.Combine(model, "config.json"));
            yield return new(
                $"model {name}",
                weights is null ? null : $"{new FileInfo(weights).Length / 1e6:F1} MB",
                "weights and config.json",
                weights is not null && config,
                true,
                $"git checkout -- models/{name}");
        }
    }

    private static Component Cores() => new("cores", Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture), ">= 1", true, false, null);

    private static Component Memory()
    {
        var bytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return new("memory", $"{bytes / 1e9:F1} GB", ">= 3 GB", bytes >= 3e9, false, "use a machine with more memory, or fewer --threads");
    }

    private static Component Vectors() =>
        new("vector instructions", Avx512F.IsSupported ? "AVX-512" : Avx2.IsSupported ? "AVX2" : "none of AVX2, AVX-512", "AVX2 for speed", Avx2.IsSupported, false, "use a newer processor for speed");

    private static Component Disk()
    {
        try
        {
            var free = new DriveInfo(Environment.CurrentDirectory).AvailableFreeSpace;
            return new("free disk here", $"{free / 1e9:F1} GB", ">= 1 GB", free >= 1e9, false, "free some space or choose another folder with --output");
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or UnauthorizedAccessException)
        {
            return new("free disk here", $"unknown: {exception.Message}", ">= 1 GB", false, false, "go to a folder that can be read");
        }
    }

    private static Component Build()
    {
        var bin = Installation.PathOf("out", "bin", "microtome.dll");
        var stamp = Installation.PathOf("out", "stamp");
        if (!File.Exists(stamp))
            return new("build", "not made by ./microtome", "made by ./microtome", false, false, "./microtome doctor");
        return new("build", $"of {File.GetLastWriteTimeUtc(bin):yyyy-MM-dd HH:mm} UTC", "complete", File.Exists(bin), false, Rebuild);
    }

    private static bool AtLeast(string? version, int major, int minor)
    {
        var parts = version?.Split('.', '+', '-', 'a', 'b', 'r') ?? [];
        return parts.Length >= 2 && int.TryParse(parts[0], out var x) && int.TryParse(parts[1], out var y) && (x > major || (x == major && y >= minor));
    }

    private static bool Loaded(string library)
    {
        try
        {
            return File.ReadLines("/proc/self/maps").Any(l => l.Contains(library, StringComparison.OrdinalIgnoreCase));
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static string Apt(string package) => $"sudo apt-get install -y --no-install-recommends {package}";
}
