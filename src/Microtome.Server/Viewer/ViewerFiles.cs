using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;

namespace Microtome.Server;

/// <summary>The viewer's page and its files.</summary>
internal static partial class ViewerFiles
{
    private static (DateTimeOffset Time, string[] Hashes) s_page;

    public static void MapViewer(this WebApplication app, ServerOptions options)
    {
        if (FolderOf(options) is not { } folder)
        {
            app.MapGet("/", static () => TypedResults.Content("The viewer is not built: start it with ./microtome serve, which builds it. The interface is at /openapi/v1.json.", "text/plain")).ExcludeFromDescription();
            return;
        }

        var files = new PhysicalFileProvider(folder);
        app.UseDefaultFiles(new DefaultFilesOptions { FileProvider = files });
        app.UseStaticFiles(new StaticFileOptions
        {
            FileProvider = files,
            OnPrepareResponse = static context =>
            {
                var headers = context.Context.Response.Headers;
                headers.CacheControl = "no-cache";
                if (context.File.Name == "index.html")
                    headers.ContentSecurityPolicy = AccessGuard.Policy(HashesOf(context.File));
            },
        });
    }

    // The page holds one script of its own, which asks for the slide while the rest is still on its way: exactly this text may run (CSP level 3, 6.7.3.3).
    private static string[] HashesOf(IFileInfo page)
    {
        var (time, hashes) = s_page;
        if (time != page.LastModified)
        {
            using var reader = new StreamReader(page.CreateReadStream());
            hashes = [.. InlineScript().Matches(reader.ReadToEnd()).Select(m => $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(m.Groups["text"].Value)))}'")];
            s_page = (page.LastModified, hashes);
        }

        return hashes;
    }

    [GeneratedRegex("<script>(?<text>.*?)</script>", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex InlineScript();

    /// <summary>The folder of the built viewer: the given one, beside the program, or <c>out/web</c> of a folder above; null when it is not built.</summary>
    public static string? FolderOf(ServerOptions options)
    {
        if (options.WebFolder is { } given)
            return Path.GetFullPath(given);
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            string built = Path.Combine(folder, "out", "web");
            if (File.Exists(Path.Combine(built, "index.html")))
                return built;
        }

        return null;
    }
}
