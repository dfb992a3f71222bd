/** What this page says of itself to the cloud: name, version, machine. The version is the workspace's. */
export const CLIENT = "tapcard-page 0.1.0 browser";
