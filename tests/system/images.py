"""How large the images of the platform are beyond the layers that all services share (Debian, the libraries), from the archive that goes into the cluster."""
import json
import tarfile

from kube import ROOT

ARCHIVE = ROOT / "build/images/archives/services.tar"
SERVICES = {"gateway", "order", "payment", "inventory", "notification"}
LARGEST = 60e6  # bytes


def layers():
    """The layers of each image, with their sizes."""
    with tarfile.open(ARCHIVE) as archive:
        sizes = {member.name: member.size for member in archive}
        images = json.load(archive.extractfile("manifest.json"))
    return {image["RepoTags"][0].rpartition("/")[2].partition(":")[0]: {layer: sizes[layer] for layer in image["Layers"]} for image in images}


def check_sizes():
    images = layers()
    shared = set.intersection(*(set(images[name]) for name in SERVICES))
    print(f"      {'shared by all':14} {sum(images['order'][layer] for layer in shared) / 1e6:6.1f} MB", flush=True)
    beyond = {name: sum(size for layer, size in one.items() if layer not in shared) for name, one in images.items()}
    for name, size in sorted(beyond.items()):
        print(f"      {name:14} {size / 1e6:6.1f} MB", flush=True)
    assert not [name for name in SERVICES if not 0 < beyond[name] <= LARGEST], beyond
