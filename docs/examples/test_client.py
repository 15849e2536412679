import openstack


def test_a_boot_gets_a_network(gman_cloud, monkeypatch):
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(gman_cloud.clouds_file))
    cloud = openstack.connect(cloud=gman_cloud.cloud)
    flavor = cloud.compute.find_flavor("m1.tiny", ignore_missing=False)
    image = cloud.image.find_image("cirros", ignore_missing=False)
    server = cloud.compute.create_server(name="a", flavor_id=flavor.id, image_id=image.id, networks="auto")
    assert list(cloud.compute.wait_for_server(server).addresses) == ["auto_allocated_network"]
